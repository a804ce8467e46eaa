import assert from "node:assert/strict";
import { test } from "node:test";
import { fixOf, parseOsvEntry } from "./osv-entry.ts";

const entry = {
  id: "GO-2024-0001",
  summary: "Crash on small input",
  aliases: ["CVE-2024-1"],
  affected: [
    {
      package: { name: "example.com/other", ecosystem: "Go" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }],
    },
    {
      package: { name: "example.com/a", ecosystem: "Go" },
      ranges: [
        // In no order, as the format allows.
        {
          type: "SEMVER",
          events: [{ fixed: "1.2.3" }, { introduced: "0" }, { fixed: "2.0.1" }, { introduced: "2.0.0-rc.1" }],
        },
        { type: "SEMVER", events: [{ introduced: "3.0.0" }] },
        { type: "GIT", events: [{ introduced: "abc" }] },
      ],
    },
  ],
};

test("parseOsvEntry reads the ranges of one module, and fixOf the version that ends them", () => {
  const read = parseOsvEntry(entry, "example.com/a") ?? assert.fail();
  assert.deepEqual([read.id, read.summary, read.aliases], ["GO-2024-0001", "Crash on small input", ["CVE-2024-1"]]);
  const rows: [string, string | null][] = [
    ["v0.0.0-20200101000000-abcdefabcdef", "v1.2.3"],
    ["v1.2.2", "v1.2.3"],
    ["v1.2.3-rc.1", "v1.2.3"],
    ["v1.2.3", null],
    ["v1.9.0", null],
    ["v2.0.0+incompatible", "v2.0.1"],
    ["v2.0.1", null],
    ["v3.4.0", null],
  ];
  for (const [version, want] of rows) assert.equal(fixOf(read, version), want, version);
});

test("parseOsvEntry passes over what is withdrawn, about other modules, or no entry", () => {
  assert.equal(parseOsvEntry({ ...entry, withdrawn: "2024-02-01T00:00:00Z" }, "example.com/a"), null);
  assert.equal(parseOsvEntry(entry, "example.com/b"), null);
  for (const value of [null, 7, "x", [], {}, { id: "GO-1", affected: 7 }, { id: "GO-1", affected: [null] }])
    assert.equal(parseOsvEntry(value, "example.com/a"), null);
});
