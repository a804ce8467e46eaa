import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isTilePath, parseTilePath } from "./tile-path.ts";

test("isTilePath says what tlog.ParseTilePath says", () => {
  const file = join(import.meta.dirname, "../../test/vectors/tile-path.json");
  const rows: readonly [string, boolean][] = JSON.parse(readFileSync(file, "utf8"));
  for (const [path, want] of rows) assert.equal(isTilePath(path), want, JSON.stringify(path));
});

test("isTilePath refuses what no tree can have: levels above 63, numbers from 10^18", () => {
  assert.equal(isTilePath("1/63/x999/x999/x999/x999/x999/999"), true);
  assert.equal(isTilePath("1/64/000"), false);
  assert.equal(isTilePath("1/0/x001/x000/x000/x000/x000/x000/000"), false);
});

test("parseTilePath gives the numbers that the path is made of", () => {
  const rows: readonly [string, ReturnType<typeof parseTilePath>][] = [
    ["8/0/000", { height: 8, level: 0, number: 0, width: 256 }],
    ["8/1/x001/234.p/87", { height: 8, level: 1, number: 1234, width: 87 }],
    ["8/data/x999/x000/001", { height: 8, level: "data", number: 999_000_001, width: 256 }],
    ["3/63/007.p/7", { height: 3, level: 63, number: 7, width: 7 }],
    ["3/63/007.p/8", null],
    ["8/0/x000/001", null],
  ];
  for (const [path, want] of rows) assert.deepEqual(parseTilePath(path), want, path);
});
