import type { SumdbChoice } from "./sumdb-choice.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChainElement, SumdbConfig, UpstreamConfig } from "../config/config.ts";
import type { GoRequest } from "../gomod/request.ts";
import type { StoredFile } from "../ports/store.ts";
import { fileFromBytes } from "./artifact.ts";

/**
 * Where the checksum database is asked: at its own URL where the operator gave one, else through each proxy of
 * the chain in turn and last at the database itself. What they say is signed, so any of them will do and a
 * failure of one is no reason to stop. https://go.dev/design/25530-sumdb#proxying-a-checksum-database
 */
export function sumdbChain(sumdb: SumdbConfig, chain: readonly ChainElement[], like: UpstreamConfig): ChainElement[] {
  const itself: ChainElement = {
    upstream: {
      ...like,
      name: sumdb.name.replaceAll("/", "_"),
      url: sumdb.url ?? `https://${sumdb.name}`,
      // What the first proxy is told is not for the database.
      headers: {},
      forwardAuthorization: false,
      certFile: null,
      keyFile: null,
      notFound: [],
    },
    separator: ",",
  };
  if (sumdb.url !== null) return [itself];
  const proxies = chain
    .map(({ upstream }) => upstream)
    .filter(({ url }) => url !== "direct" && url !== "off")
    .map((upstream): ChainElement => {
      return {
        upstream: { ...upstream, url: `${upstream.url.replace(/\/+$/, "")}/sumdb/${sumdb.name}` },
        separator: "|",
      };
    });
  return [...proxies, itself];
}

/**
 * Lets requests for a configured database through: null means "go on". `/supported` is answered here, because
 * this gateway does serve it. MODULE_ABSENT for every other database, so that `go` asks that one itself; PRIVATE_NAME
 * for a module that no database is to hear of.
 */
export function answerSupported(choice: SumdbChoice, request: GoRequest, nowMs: number): StoredFile | null {
  if (request.kind !== "sumdb") return null;
  if (!choice.all.has(request.name)) {
    const served = choice.all.size === 0 ? "none (sumdb: off)" : [...choice.all.keys()].join(", ");
    throw new Problem(
      "MODULE_ABSENT",
      `This gateway does not serve the checksum database ${request.name}; it serves ${served}`,
      {
        hint: "go asks that database itself; to serve it here set --sumdb",
      },
    );
  }
  if (request.module !== null && choice.of(request.module) === null) {
    throw new Problem("PRIVATE_NAME", `No checksum database is to hear of ${request.module}: sumdbs says off for it`, {
      hint: `go asks for no hash of it with GONOSUMDB=${request.module}`,
    });
  }
  return request.op === "supported" ? fileFromBytes(request.key, Buffer.alloc(0), nowMs) : null;
}
