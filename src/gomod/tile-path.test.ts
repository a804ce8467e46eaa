import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isTilePath } from "./tile-path.ts";

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
