import { Problem } from "../kernel/problem.ts";
import type { RemoteAsk, SumdbOperations } from "../ports/checksum-database.ts";
import type { Register } from "../ports/register.ts";
import type { FileKey, Store } from "../ports/store.ts";
import type { Chain, UpstreamBody } from "../ports/upstream.ts";

/** What the verifying client works with inside a gateway. */
export interface SumdbOperationsParts {
  /** As clients name it. */
  readonly name: string;
  /** Tiles and lookups lie where the gateway's own clients get them from. */
  readonly store: Store;
  /** From sumdbChain(): the database itself stands last. Null for a gateway that asks nobody. */
  readonly chain: Chain | null;
  readonly trust: Register;
  /** Told of what could not be kept. */
  readonly onTrouble: (problem: Problem, key: FileKey) => void;
}

// A signed tree head may have a million bytes, a record hardly a thousand; a tile has 8 KiB.
const maxBytes = 2_000_000;

/** The operations of the verifying client over the cache and the upstream chain of a gateway. */
export function sumdbOperations(parts: SumdbOperationsParts): SumdbOperations {
  const { store, chain, trust } = parts;
  return {
    trust,
    readRemote: (ask, signal) =>
      chain === null ? Promise.reject(nobodyToAsk(parts, ask)) : fetchFrom(chain, ask, signal),
    async readCached(key) {
      const file = store.peek(key) ?? (await store.find(key));
      // Whatever is longer is not right, and is asked for anew.
      if (file === null || file.size > maxBytes) return null;
      return file.bytes ?? wholeOf(file.stream());
    },
    async writeCached(key, bytes) {
      try {
        await using staged = await store.stage(key);
        await staged.write(Buffer.from(bytes));
        await staged.commit();
      } catch (error) {
        parts.onTrouble(Problem.from(error), key);
      }
    },
  };
}

async function fetchFrom(chain: Chain, ask: RemoteAsk, signal: AbortSignal): Promise<Uint8Array> {
  const itself = chain.names.at(-1);
  let refused: Problem | null = null;
  const receive = async (body: UpstreamBody): Promise<Uint8Array> => {
    const bytes = await wholeOf(body.chunks);
    try {
      ask.accept(bytes);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refused = error;
      // So that the chain counts it as this upstream's failure, and asks the next.
      throw new Problem("UPSTREAM_DAMAGED", refused.message, { cause: error });
    }
    return bytes;
  };
  try {
    const result = await chain.fetch(
      {
        path: ask.path,
        module: null,
        endpoint: "sumdb",
        version: null,
        etag: null,
        lastModified: null,
        headers: {},
        authorization: null,
        only: ask.source === "any" || itself === undefined ? null : [itself],
        onTry: () => {},
      },
      receive,
      signal,
    );
    if (result.kind === "found") return result.value;
    throw new Problem(
      "UPSTREAM_DAMAGED",
      `Upstream "${result.upstream}" answered 304 to a question without validators`,
    );
  } catch (error) {
    throw withEvidence(error, refused);
  }
}

/** Where the walk has failed because of damage, the evidence of what was refused last goes with it. */
function withEvidence(error: unknown, refused: Problem | null): unknown {
  if (!(error instanceof Problem) || error.code !== "UPSTREAM_DAMAGED" || refused === null) return error;
  return new Problem("SUMDB_DAMAGED", refused.message, {
    tried: error.tried,
    cause: error,
    ...(refused.evidence === null ? {} : { evidence: refused.evidence }),
  });
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes)
      throw new Problem(
        "UPSTREAM_DAMAGED",
        `more than ${maxBytes} bytes, the limit for an answer of a checksum database`,
      );
    // A chunk is good until the next.
    pieces.push(Buffer.from(chunk));
  }
  return Buffer.concat(pieces);
}

function nobodyToAsk({ name }: SumdbOperationsParts, { path }: RemoteAsk): Problem {
  const message = `${path} of the checksum database ${name} is not in the cache, and this gateway is offline`;
  return new Problem("UPSTREAM_UNREACHABLE", message, {
    hint: "bring it in with `modgate cache import` from a gateway that has looked it up",
  });
}
