import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { testSeed } from "../../test/testkit/test-seed.ts";
import { axisText, foldRows, groupRows, groupTables, keyLine } from "./fold-rows.ts";
import { allCombinations, axisNames, combinationsOf } from "./gosum-axes.ts";
import { gosumTableAxes } from "./gosum-table.ts";
import type { LabAxis, LabTable } from "./lab-table.ts";

const tableOf = (outcomes: readonly string[], axes: readonly LabAxis[] = gosumTableAxes): LabTable => ({
  title: "",
  notes: [],
  axes,
  columns: [],
  hasLegend: true,
  rows: allCombinations().map((values, index) => ({
    values: { ...values },
    outcome: outcomes[index] ?? "",
    did: "",
    exitCode: 1,
    message: "go: downloading x v1\nx: refused",
    facts: {},
    advice: null,
    command: null,
    evidence: null,
  })),
});

test("foldRows has each row of a group once, under every combination of its values", (t) => {
  const some = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 48, maxLength: 48 });
  fc.assert(
    fc.property(some, (outcomes) => {
      const groups = groupRows(tableOf(outcomes));
      assert.deepEqual(groups.flatMap((group) => group.rows).length, 48);
      for (const group of groups) {
        const folded = foldRows(group, gosumTableAxes);
        assert.deepEqual(new Set(folded.flatMap((one) => one.rows)), new Set(group.rows));
        for (const { values, rows } of folded) {
          const boxes = axisNames.reduce((product, axis) => product * (values[axis]?.length ?? 0), 1);
          assert.equal(rows.length, boxes);
          for (const row of rows) {
            assert.ok(axisNames.every((axis) => values[axis]?.includes(row.values[axis] ?? "")));
          }
        }
      }
    }),
    { seed: testSeed(t), numRuns: 200 },
  );
});

test("foldRows makes one line of what is alike everywhere, and axisText says any", () => {
  const [group] = groupRows(tableOf(Array.from({ length: 48 }, () => "a")));
  const folded = foldRows(group ?? assert.fail(), gosumTableAxes);
  assert.deepEqual(
    folded.map((one) => gosumTableAxes.map((axis) => axisText(one, axis))),
    [["any", "any", "any", "any", "any"]],
  );
  assert.equal(keyLine(folded[0]?.rows[0] ?? assert.fail()), "x: refused");
});

test("groupTables folds no axis that is kept, and gives a letter once", () => {
  const kept = gosumTableAxes.map(({ name, title, values }) => ({ name, title, values, isKept: name === "sum" }));
  const same = Array.from({ length: 48 }, () => "a");
  const [first, second] = groupTables([tableOf(same, kept), tableOf(same)]);
  assert.deepEqual(
    first?.groups.map(({ letter, rows }) => [letter, rows.length]),
    [
      ["A", 16],
      ["B", 16],
      ["C", 16],
    ],
  );
  assert.deepEqual(
    second?.groups.map(({ letter }) => letter),
    ["D"],
  );
});

test("combinationsOf reads a filter, and says what it takes where there is no such value", () => {
  assert.equal(combinationsOf("").length, 48);
  assert.equal(combinationsOf("sum=wrong,cache=yes").length, 8);
  assert.equal(combinationsOf(" sum=wrong, sum=has").length, 32);
  for (const wrong of ["sum", "sum=maybe", "sun=has", "sum=has=has", "constructor=x"]) {
    assert.throws(() => combinationsOf(wrong), { code: "USAGE", message: /want one of sum=has\|lacks\|wrong cache=/ });
  }
});
