import assert from "node:assert/strict";
import { test } from "node:test";
import type { ForkEvidence } from "../ports/checksum-database.ts";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import { forkedSumdb, testClient } from "../../test/testkit/sumdb-world.ts";
import { problemOf } from "../../test/testkit/test-chain.ts";
import { faultOfForkEvidence } from "./fork-evidence.ts";

test("faultOfForkEvidence believes nothing that is not proved", async () => {
  const forked = forkedSumdb([700, 900], 500);
  const { filler, operations } = testClient(forked.one);
  await filler(0);
  operations.database = forked.other;
  const evidence = (await problemOf(filler(1))).evidence as unknown as ForkEvidence;
  const { verifier } = forked;
  assert.equal(faultOfForkEvidence(evidence, verifier), null);
  const flipped = (base64: string): string => flipBit(Buffer.from(base64, "base64"), 77).toString("base64");
  const rootOf = (note: string): string => note.split("\n")[2] ?? "";
  const rows: readonly [Partial<ForkEvidence>, RegExp][] = [
    [{ older: evidence.older.replace("700", "701") }, /the older tree head has a wrong signature/],
    [{ newer: "" }, /the newer tree head has no signatures/],
    [{ older: evidence.newer, newer: evidence.older }, /has more records than the newer one/],
    [{ rootInNewer: rootOf(evidence.older) }, /begins as the older one says/],
    [{ rootInNewer: flipped(evidence.rootInNewer) }, /does not lead to the newer tree/],
    [{ proof: evidence.proof.slice(1) }, /does not lead to the newer tree/],
    [{ proof: [] }, /does not lead to the newer tree/],
    ...evidence.proof.map((_, at): [Partial<ForkEvidence>, RegExp] => [
      { proof: evidence.proof.map((hash, index) => (index === at ? flipped(hash) : hash)) },
      /does not lead to the newer tree/,
    ]),
    // Two heads of one history are no fork, whatever is claimed.
    [{ newer: forked.one.head(), older: forked.one.head(600) }, /does not lead|begins as/],
  ];
  for (const [change, want] of rows) {
    assert.match(faultOfForkEvidence({ ...evidence, ...change }, verifier) ?? "it is proved", want);
  }
  assert.match(faultOfForkEvidence(evidence, forkedSumdb([1, 1], 9).verifier) ?? "", /no signature of the known key/);
});
