import { noteVerifier } from "../../src/sumdb/signed-note.ts";
import { SumdbClient, type SumdbClientOptions } from "../../src/sumdb/sumdb-client.ts";
import type { Problem } from "../../src/kernel/problem.ts";
import type { Register } from "../../src/ports/register.ts";
import { MemoryRegister } from "../../src/store/memory-register.ts";
import { FakeClock } from "./fake-clock.ts";
import { moduleTree } from "./module-tree.ts";
import { noteSigner } from "./signed-note.ts";
import { testSumdbOperations, type TestSumdbOperations } from "./sumdb-operations.ts";
import { testSumdb, type SumdbOptions, type TestSumdb } from "./sumdb-server.ts";

const noModules = await moduleTree([]);

/** A database of invented records alone: `filler.example/mN@v1.0.0` is record N. */
export function fillerSumdb(size: number, options: Omit<SumdbOptions, "padTo"> = {}): TestSumdb {
  return testSumdb(noModules, { ...options, padTo: size });
}

/** The same beginning signed by the same key, and then two histories. */
export function forkedSumdb(
  sizes: readonly [number, number],
  otherFrom: number,
): { readonly one: TestSumdb; readonly other: TestSumdb; readonly verifier: ReturnType<typeof noteVerifier> } {
  const signer = noteSigner("localhost.localdev/sumdb");
  return {
    one: fillerSumdb(sizes[0], { signer }),
    other: fillerSumdb(sizes[1], { signer, otherFrom }),
    verifier: noteVerifier(signer.verifierKey),
  };
}

/** A register that several clients may share. */
export function memoryRegister(): Register {
  return new MemoryRegister();
}

/** A client over a database in memory. */
export interface TestClient {
  readonly client: SumdbClient;
  readonly operations: TestSumdbOperations;
  readonly clock: FakeClock;
  readonly forks: Problem[];
  /** Looks record `number` up. */
  readonly filler: (number: number, signal?: AbortSignal) => ReturnType<SumdbClient["lookup"]>;
}

/** Several may share a cache and a register, as the processes of a gateway do. */
export function testClient(
  database: TestSumdb,
  shared: Parameters<typeof testSumdbOperations>[1] = {},
  options: Partial<Pick<SumdbClientOptions, "concurrency" | "timeoutMs">> = {},
): TestClient {
  const operations = testSumdbOperations(database, shared);
  const clock = new FakeClock();
  const forks: Problem[] = [];
  const onFork = (problem: Problem): void => void forks.push(problem);
  const client = new SumdbClient({ key: database.key, operations, clock, onFork, ...options });
  const filler = (number: number, signal = new AbortController().signal) =>
    client.lookup(`filler.example/m${number}`, "v1.0.0", signal);
  return { client, operations, clock, forks, filler };
}
