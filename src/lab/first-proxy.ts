import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { seededRandom } from "../kernel/random.ts";
import type { FailoverFault } from "./failover-faults.ts";
import type { Recorder } from "./lab-recorder.ts";
import { closedLoopback } from "./loopback-server.ts";

/** What stands first in GOPROXY. */
export interface FirstProxy extends AsyncDisposable {
  readonly url: string;
  /** What go needs to know of it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes it: the recorder itself, or one before it whose connections fail; its files are put into the folder. */
export async function openFirstProxy(
  kind: FailoverFault["kind"],
  { recorder, folder, clock }: { readonly recorder: Recorder; readonly folder: string; readonly clock: Clock },
): Promise<FirstProxy> {
  switch (kind) {
    case "answer":
      return { url: recorder.url, environment: {}, async [Symbol.asyncDispose]() {} };
    case "refused": {
      const closed = await closedLoopback();
      return { url: closed.url, environment: {}, [Symbol.asyncDispose]: () => closed[Symbol.asyncDispose]() };
    }
    case "tls-expired":
    case "tls-wrong-name": {
      // It makes certificates with a package that no other lab needs.
      const { startFaultProxy } = await import("../faults/fault-proxy.ts");
      const proxy = await startFaultProxy({
        target: new URL(recorder.url),
        plan: { faults: [{ kind }], rate: 1, path: null },
        port: 0,
        // Every request has the fault, so no number is ever drawn.
        random: seededRandom(1),
        clock,
        onRequest() {},
      });
      const authority = join(folder, "authority.pem");
      await writeFile(authority, proxy.caPem ?? "");
      return {
        url: proxy.url,
        environment: { SSL_CERT_FILE: authority },
        [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
      };
    }
  }
}
