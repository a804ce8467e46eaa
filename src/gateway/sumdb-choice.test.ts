import assert from "node:assert/strict";
import { test } from "node:test";
import { sumdbChoice } from "./sumdb-choice.ts";

const main = { name: "sum.example", key: "sum.example+1+a", url: null };
const corp = { name: "corp.example/db", key: "corp.example/db+2+b", url: "https://db.corp.example" };

test("sumdbChoice takes the first pattern that fits, and sumdb where none does", () => {
  const sumdbs = [
    { pattern: "corp.example/legacy", sumdb: null },
    { pattern: "corp.example/*", sumdb: corp },
    { pattern: "corp.example/other", sumdb: main },
  ];
  const choice = sumdbChoice({ sumdb: main, sumdbs });
  const rows: [module: string, name: string | null][] = [
    ["corp.example/legacy/x", null],
    ["corp.example/a/v2", "corp.example/db"],
    ["corp.example/other", "corp.example/db"],
    ["corp.examples/a", "sum.example"],
    ["example.com/a", "sum.example"],
  ];
  for (const [module, name] of rows) assert.equal(choice.of(module)?.name ?? null, name, module);
  assert.deepEqual([...choice.all.keys()], ["sum.example", "corp.example/db"]);
});

test("sumdbChoice has none where sumdb is off and no pattern names one", () => {
  const choice = sumdbChoice({ sumdb: null, sumdbs: [] });
  assert.equal(choice.of("example.com/a"), null);
  assert.equal(choice.all.size, 0);
});
