import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabMachine } from "./lab-go.ts";

export interface LabGatewayOptions {
  readonly machine: LabMachine;
  /** The command line of modgate, to which arguments are added. */
  readonly modgate: readonly string[];
  /** An empty folder of its own, for data and home. */
  readonly folder: string;
  /** Value of --upstream. */
  readonly upstream: string;
  /** Value of --sumdb. */
  readonly sumdb: string;
}

/** A real `modgate serve` on a free port of 127.0.0.1. */
export interface LabGateway extends AsyncDisposable {
  readonly url: string;
  /** Names of what it has in quarantine, sorted; each is a folder with the file and its evidence. */
  quarantined(): Promise<string[]>;
}

const startMs = 60_000;
const stopMs = 5000;

/** Starts a gateway that knows nothing but these options, and waits until it listens, a minute at most. */
export async function startLabGateway(options: LabGatewayOptions): Promise<LabGateway> {
  const { machine, modgate, folder, upstream, sumdb } = options;
  const [program = "", ...words] = modgate;
  const data = join(folder, "data");
  // A file of its own keeps it from reading one of the user's.
  await writeFile(join(folder, "modgate.yaml"), "{}\n");
  const args = ["serve", "--json", "--listen", "127.0.0.1:0", "--config", join(folder, "modgate.yaml"), "--data", data];
  const child = spawn(program, [...words, ...args, "--upstream", upstream, "--sumdb", sumdb], {
    cwd: folder,
    env: { PATH: machine.path, HOME: folder, TMPDIR: folder, GOENV: "off", GOTOOLCHAIN: "local" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  let output = "";
  const listening = Promise.withResolvers<string>();
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    const url = /"urls":\["([^"]+)"/.exec(output)?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const fail = (why: string): void => listening.reject(new Error(`modgate serve of the lab ${why}\n${output}`));
  void exited.then(() => fail("ended before it listened"));
  const stopTimer = machine.clock.after(startMs, () => fail(`did not listen within ${startMs / 1000} s`));
  const onAbort = (): void => listening.reject(machine.signal.reason);
  machine.signal.addEventListener("abort", onAbort, { once: true });
  const stop = async (): Promise<void> => {
    const cancel = machine.clock.after(stopMs, () => child.kill("SIGKILL"));
    child.kill("SIGTERM");
    await exited;
    cancel();
  };
  try {
    const url = await listening.promise;
    const quarantined = async (): Promise<string[]> =>
      (await readdir(join(data, "quarantine")).catch(() => [])).toSorted();
    return { url, quarantined, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    stopTimer();
    machine.signal.removeEventListener("abort", onAbort);
  }
}
