import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { testSeed } from "../../test/testkit/test-seed.ts";
import { axisText, foldRows, groupRows, keyLine } from "./fold-rows.ts";
import { allCombinations, axisNames, combinationsOf } from "./gosum-axes.ts";
import type { GosumRow } from "./gosum-lab.ts";

const rowsOf = (outcomes: readonly string[]): GosumRow[] =>
  allCombinations().map(({ sum, cache, network, sumdb, mod }, index) => ({
    sum,
    cache,
    network,
    sumdb,
    mod,
    outcome: outcomes[index] ?? "",
    did: "",
    advice: "",
    command: null,
    exitCode: 1,
    message: "go: downloading x v1\nx: refused",
    stderr: "",
    asked: { proxy: [], database: [] },
    addedLines: [],
  }));

test("foldRows has each row of a group once, under every combination of its values", (t) => {
  const some = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 48, maxLength: 48 });
  fc.assert(
    fc.property(some, (outcomes) => {
      const rows = rowsOf(outcomes);
      const groups = groupRows(rows);
      assert.deepEqual(groups.flatMap((group) => group.rows).length, 48);
      for (const group of groups) {
        const folded = foldRows(group);
        assert.deepEqual(new Set(folded.flatMap((one) => one.rows)), new Set(group.rows));
        for (const { values, rows } of folded) {
          const boxes = axisNames.reduce((product, axis) => product * values[axis].length, 1);
          assert.equal(rows.length, boxes);
          for (const row of rows) assert.ok(axisNames.every((axis) => values[axis].includes(row[axis])));
        }
      }
    }),
    { seed: testSeed(t), numRuns: 200 },
  );
});

test("foldRows makes one line of what is alike everywhere, and axisText says any", () => {
  const [group] = groupRows(rowsOf(Array.from({ length: 48 }, () => "a")));
  const folded = foldRows(group ?? assert.fail());
  assert.deepEqual(
    folded.map((one) => axisNames.map((axis) => axisText(one, axis))),
    [["any", "any", "any", "any", "any"]],
  );
  assert.equal(keyLine(folded[0]?.rows[0] ?? assert.fail()), "x: refused");
});

test("combinationsOf reads a filter, and says what it takes where there is no such value", () => {
  assert.equal(combinationsOf("").length, 48);
  assert.equal(combinationsOf("sum=wrong,cache=yes").length, 8);
  assert.equal(combinationsOf(" sum=wrong, sum=has").length, 32);
  for (const wrong of ["sum", "sum=maybe", "sun=has", "sum=has=has", "constructor=x"]) {
    assert.throws(() => combinationsOf(wrong), { code: "USAGE", message: /want one of sum=has\|lacks\|wrong cache=/ });
  }
});
