import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { VerifyFinding, VersionToVerify } from "./cache-verifier.ts";
import { verifyRounds } from "./verify-rounds.ts";

const versions = ["a", "b", "c"].map((module) => ({ module, version: "v1.0.0" }));
const after = (last: VersionToVerify | null): VersionToVerify[] => {
  const index = versions.findIndex(({ module }) => module === last?.module) + 1;
  return versions.slice(index, index + 2);
};

test("verifyRounds reads no more bytes a second than it may, round after round, until it is ended", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const seen: [string, number][] = [];
  const done = verifyRounds(
    {
      clock,
      verifier: {
        verify({ module }) {
          seen.push([module, clock.monotonic()]);
          return Promise.resolve({ bytes: 5000, findings: [] });
        },
      },
      versionsAfter: after,
      refetch: () => assert.fail("nothing has changed"),
      everyMs: 100_000,
      bytesPerSecond: 1000,
      onTrouble: (problem) => assert.fail(problem),
    },
    stop.signal,
  );
  await clock.advance(59_000);
  assert.deepEqual(seen, []);
  await clock.advance(201_000);
  assert.deepEqual(seen, [
    ["a", 60_000],
    ["b", 65_000],
    ["c", 70_000],
    ["a", 160_000],
    ["b", 165_000],
    ["c", 170_000],
    ["a", 260_000],
  ]);
  stop.abort();
  await done;
  assert.equal(clock.pending, 0);
});

test("verifyRounds fetches anew what has changed alone, and goes on where a file can't be read", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const troubles: string[] = [];
  const fetched: string[] = [];
  const finding = (module: string, kind: VerifyFinding["kind"]): VerifyFinding => {
    return { module, version: "v1.0.0", file: "zip", kind, reason: "", quarantined: null };
  };
  const done = verifyRounds(
    {
      clock,
      verifier: {
        verify({ module }) {
          if (module === "a") return Promise.reject(new Problem("STORE_FAILED", "disk gone"));
          return Promise.resolve({ bytes: 0, findings: [finding(module, module === "b" ? "changed" : "unproved")] });
        },
      },
      versionsAfter: after,
      refetch({ module }) {
        fetched.push(module);
        return Promise.resolve();
      },
      everyMs: 10_000_000,
      bytesPerSecond: 1000,
      onTrouble: ({ code }) => void troubles.push(code),
    },
    stop.signal,
  );
  await clock.advance(200_000);
  assert.deepEqual([troubles, fetched], [["STORE_FAILED"], ["b"]]);
  stop.abort();
  await done;
});
