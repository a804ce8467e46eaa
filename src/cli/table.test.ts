import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { renderTable, tableLines, type Column, type View } from "./table.ts";
import { textWidth } from "./text-width.ts";

const pipe: View = { paint: (_, text) => text, width: null };
const columns: Column[] = [{ title: "MODULE" }, { title: "FILES", align: "right" }, { title: "NOTE" }];

test("renderTable aligns columns and leaves no trailing space", () => {
  const text = renderTable(
    columns,
    [
      ["example.com/a", "7", "pinned"],
      ["日本.example", "1200", ""],
    ],
    pipe,
  );
  assert.equal(
    text,
    ["MODULE         FILES  NOTE", "example.com/a      7  pinned", "日本.example    1200", ""].join("\n"),
  );
});

test("tableLines cuts nothing in a pipe, and the widest columns first on a terminal", () => {
  const long = "github.com/a/very/long/module/path/that/goes/on";
  const rows = [[long, "7", "short"]];
  assert.ok(tableLines(columns, rows, pipe)[1]?.includes(long));
  const lines = tableLines(columns, rows, { ...pipe, width: 40 });
  assert.equal(lines[1], "github.com/a/very/long/mo…      7  short");
  assert.equal(textWidth(lines[1] ?? ""), 40);
});

test("tableLines fits any rows into a terminal that has room for its columns", (t) => {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  const row = fc.tuple(fc.string({ maxLength: 90 }), fc.string({ maxLength: 90 }), fc.string({ unit: "binary" }));
  const property = fc.property(fc.array(row, { maxLength: 6 }), fc.integer({ min: 32, max: 200 }), (rows, width) => {
    const lines = tableLines(columns, rows, { ...pipe, width });
    assert.equal(lines.length, rows.length + 1);
    for (const line of lines) assert.ok(textWidth(line) <= width && !/[\u0000-\u001f]/.test(line), line);
  });
  fc.assert(property, { seed, numRuns: 300 });
});

test("tableLines takes as many rows as a large cache has files", () => {
  const rows = Array.from({ length: 200_000 }, (_, index) => [String(index)]);
  assert.equal(tableLines([{ title: "N" }], rows, pipe).length, 200_001);
});

test("tableLines paints titles and cells without moving columns", () => {
  const paint: View["paint"] = (style, text) => `<${style}>${text}</>`;
  const styled: Column[] = [{ title: "CHECK", style: (cell) => (cell === "failed" ? "red" : null) }, { title: "MS" }];
  assert.deepEqual(
    tableLines(
      styled,
      [
        ["failed", "1"],
        ["ok", "2"],
      ],
      { paint, width: null },
    ),
    ["<bold>CHECK</>   <bold>MS</>", "<red>failed</>  1", "ok      2"],
  );
});
