import { Problem } from "../../src/kernel/problem.ts";
import type { RemoteAsk, SumdbOperations } from "../../src/ports/checksum-database.ts";
import type { Register } from "../../src/ports/register.ts";
import { MemoryRegister } from "../../src/store/memory-register.ts";
import type { TestSumdb } from "./sumdb-server.ts";

/** The world of a verifying client in memory: what it asks is written down, and can be falsified. */
export interface TestSumdbOperations extends SumdbOperations {
  /** `path`, or `path (database)` where the database itself was asked. */
  readonly asked: string[];
  readonly cache: Map<string, Buffer>;
  /** The database behind it; null: no network. */
  database: TestSumdb | null;
  /** Called with every answer; what it gives is what the client gets, null for 404. */
  falsify: (path: string, bytes: Buffer, source: RemoteAsk["source"]) => Buffer | null;
}

/** Over this database; several clients may share a cache and a register. */
export function testSumdbOperations(
  database: TestSumdb | null,
  shared: { readonly cache?: Map<string, Buffer>; readonly trust?: Register } = {},
): TestSumdbOperations {
  const cache = shared.cache ?? new Map<string, Buffer>();
  const operations: TestSumdbOperations = {
    asked: [],
    cache,
    database,
    falsify: (_path, bytes) => bytes,
    trust: shared.trust ?? new MemoryRegister(),
    async readRemote({ path, source, accept }, signal) {
      // As over a network: never within the same turn.
      await new Promise((resolve) => void setImmediate(resolve));
      signal.throwIfAborted();
      operations.asked.push(source === "database" ? `${path} (database)` : path);
      if (operations.database === null) throw new Problem("UPSTREAM_UNREACHABLE", `${path}: no network`);
      const right = operations.database.atRoot.answer(`/${path}`);
      const bytes = right && operations.falsify(path, right.body, source);
      if (bytes === null) throw new Problem("MODULE_ABSENT", `${path} does not exist`, { tried: ["test: 404"] });
      accept(bytes);
      return bytes;
    },
    readCached: (key) => Promise.resolve(cache.get(key) ?? null),
    writeCached: (key, bytes) => Promise.resolve(void cache.set(key, Buffer.from(bytes))),
  };
  return operations;
}
