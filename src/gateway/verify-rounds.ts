import { sleep, type Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { CacheVerifier, VerifyFinding, VersionToVerify } from "./cache-verifier.ts";

export interface VerifyRoundsParts {
  readonly verifier: Pick<CacheVerifier, "verify">;
  /** The versions in the cache behind `last` in their order, some of them; none at the end. */
  readonly versionsAfter: (last: VersionToVerify | null) => readonly VersionToVerify[];
  /** Fetches anew what was taken out; never rejects. */
  readonly refetch: (finding: VerifyFinding, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  /** From the start of one round to that of the next. */
  readonly everyMs: number;
  readonly bytesPerSecond: number;
  readonly onTrouble: (problem: Problem) => void;
}

// A gateway that starts has better things to do.
const firstAfterMs = 60_000;
const afterTroubleMs = 60_000;

/** Verifies the whole cache again and again, at the rate that was set, until the signal is aborted. Never rejects. */
export async function verifyRounds(parts: VerifyRoundsParts, signal: AbortSignal): Promise<void> {
  const { clock, everyMs, onTrouble } = parts;
  try {
    await sleep(clock, firstAfterMs, signal);
    for (;;) {
      const startedAt = clock.monotonic();
      await verifyOnce(parts, signal);
      await sleep(clock, Math.max(0, startedAt + everyMs - clock.monotonic()), signal);
    }
  } catch (error) {
    if (!signal.aborted) onTrouble(Problem.from(error));
  }
}

async function verifyOnce(parts: VerifyRoundsParts, signal: AbortSignal): Promise<void> {
  const { verifier, versionsAfter, refetch, clock, bytesPerSecond, onTrouble } = parts;
  let last: VersionToVerify | null = null;
  for (;;) {
    const versions: readonly VersionToVerify[] = versionsAfter(last);
    if (versions.length === 0) return;
    for (const version of versions) {
      last = version;
      try {
        const { bytes, findings } = await verifier.verify(version, signal);
        for (const finding of findings) if (finding.kind === "changed") await refetch(finding, signal);
        await sleep(clock, (bytes / bytesPerSecond) * 1000, signal);
      } catch (error) {
        signal.throwIfAborted();
        // One file that can't be read, or a full disk, is no reason to leave the others unread.
        onTrouble(Problem.from(error));
        await sleep(clock, afterTroubleMs, signal);
      }
    }
  }
}
