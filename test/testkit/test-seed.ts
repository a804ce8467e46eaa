import type { TestContext } from "node:test";

/** The seed of this run, printed so that it can be run again: MODGATE_SEED where that is set. */
export function testSeed(t: TestContext): number {
  const seed = Number(process.env["MODGATE_SEED"] ?? Date.now() & 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  return seed;
}

/** `deep` where MODGATE_DEEP asks for long runs, else `usual`. */
export function runsOf({ usual, deep }: { readonly usual: number; readonly deep: number }): number {
  return process.env["MODGATE_DEEP"] ? deep : usual;
}
