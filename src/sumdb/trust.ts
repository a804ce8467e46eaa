import * as z from "zod";
import { Problem } from "../kernel/problem.ts";
import type { ForkEvidence } from "../ports/checksum-database.ts";
import type { Register } from "../ports/register.ts";

/** What is known of a database for good. */
export interface Trust {
  /** The signed tree head with the most records that was proved consistent; null before the first. */
  readonly head: string | null;
  /** When that became the head, in milliseconds since 1970; null before the first. */
  readonly movedAtMs: number | null;
  /** Once there is one, nothing is looked up any more. */
  readonly fork: ForkEvidence | null;
}

/** Trust with the bytes that stand for it, to swap it for another. */
export interface LoadedTrust extends Trust {
  readonly bytes: Buffer | null;
}

const trustSchema = z.strictObject({
  head: z.string().nullable(),
  movedAtMs: z.number().nullable().default(null),
  fork: z
    .strictObject({
      database: z.string(),
      older: z.string(),
      newer: z.string(),
      rootInNewer: z.string(),
      proof: z.array(z.string()),
    })
    .nullable(),
});

/** Loads what is known; SUMDB_DAMAGED where that cannot be read, because nothing may be believed then. */
export async function loadTrust(register: Register, database: string): Promise<LoadedTrust> {
  const bytes = await register.load();
  if (bytes === null) return { head: null, movedAtMs: null, fork: null, bytes };
  const parsed = trustSchema.safeParse(jsonOf(bytes));
  if (parsed.success) return { ...parsed.data, bytes };
  throw new Problem("SUMDB_DAMAGED", `What is kept of the tree of ${database} cannot be read`, {
    hint: `restore the data folder, or forget the tree head and start anew: modgate sumdb reset ${database}`,
    evidence: { kept: bytes.toString() },
  });
}

/** Puts `next` in the place of what was loaded; false where somebody was faster. */
export function swapTrust(register: Register, loaded: LoadedTrust, next: Trust): Promise<boolean> {
  const { head, movedAtMs, fork } = next;
  return register.swap(loaded.bytes, Buffer.from(`${JSON.stringify({ head, movedAtMs, fork }, null, 2)}\n`));
}

/**
 * For an operator who has settled a fork: lookups go on from the tree head that is named, which may be one of the two
 * in the evidence; from the first that comes where there is none. Also mends what cannot be read.
 */
export async function resetTrust(register: Register, to: Pick<Trust, "head" | "movedAtMs">): Promise<void> {
  for (;;) {
    const bytes = await register.load();
    if (await swapTrust(register, { ...to, fork: null, bytes }, { ...to, fork: null })) return;
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}
