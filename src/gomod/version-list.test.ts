import assert from "node:assert/strict";
import { test } from "node:test";
import { latestOf } from "./version.ts";
import { looksLikeVersionList, parseVersionList } from "./version-list.ts";

// The bodies of GO-FACTS G, and more. The last column is null where `go` finds no release by itself.
const rows: [body: string, versions: string[], isList: boolean, latest: string | null][] = [
  ["v1.0.0 2024-01-01T00:00:00Z foo\nv1.1.0 2024-01-02T00:00:00Z\n", ["v1.0.0", "v1.1.0"], true, "v1.1.0"],
  ["v1.0.0\r\nv1.1.0\r\n", ["v1.0.0", "v1.1.0"], true, "v1.1.0"],
  ["v1.2.0\nv1.0.0\nv1.1.0\n", ["v1.2.0", "v1.0.0", "v1.1.0"], true, "v1.2.0"],
  ["v1.0.0\nv1.0.0\nv1.1.0\n", ["v1.0.0", "v1.0.0", "v1.1.0"], true, "v1.1.0"],
  ["v1.0.0\nv1.1.0", ["v1.0.0", "v1.1.0"], true, "v1.1.0"],
  ["\n\nv1.0.0\n\n", ["v1.0.0"], true, "v1.0.0"],
  ["1.0.0\nfoo\nv1\nv1.1\nv1.0.0\n# c\n", ["v1", "v1.1", "v1.0.0"], true, "v1.0.0"],
  ["  v1.0.0\n\tv1.1.0\n", ["v1.0.0", "v1.1.0"], true, "v1.1.0"],
  [
    "v1.0.0\nv1.3.1-0.20240110000000-feedfacefeed\n",
    ["v1.0.0", "v1.3.1-0.20240110000000-feedfacefeed"],
    true,
    "v1.0.0",
  ],
  [
    "v1.3.1-0.20240110000000-feedfacefeed\n",
    ["v1.3.1-0.20240110000000-feedfacefeed"],
    true,
    "v1.3.1-0.20240110000000-feedfacefeed",
  ],
  ["v1.4.0-RC1\n", ["v1.4.0-RC1"], true, "v1.4.0-RC1"],
  ["v1.0.0\nv2.0.0+incompatible\n", ["v1.0.0", "v2.0.0+incompatible"], true, "v1.0.0"],
  ["v1.0.0\nv1.1.0+meta\n", ["v1.0.0", "v1.1.0+meta"], true, "v1.0.0"],
  ["<html><body>login</body></html>\n", [], false, null],
  ["<pre>\nv1.0.0\n</pre>\n", ["v1.0.0"], false, "v1.0.0"],
  ["\ufeff\n <html>\nv1.0.0\n", ["v1.0.0"], false, "v1.0.0"],
  ["", [], true, null],
  [" \r\n\n", [], true, null],
  ["v1.0.0\u0000\nv1.1.0\n", ["v1.1.0"], true, "v1.1.0"],
  ['["v1.0.0"]\n', [], false, null],
  ['{"versions":[\nv1.0.0\n]}', ["v1.0.0"], false, "v1.0.0"],
  ["please log in\n", [], false, null],
  ["404 page not found\n", [], false, null],
  ["v0.9.0\nv1.0.0\n", ["v0.9.0", "v1.0.0"], true, "v1.0.0"],
  ["V1.0.0\nv1.0.0\n", ["v1.0.0"], true, "v1.0.0"],
];

test("parseVersionList takes the first word of each line where it is a version", () => {
  for (const [body, versions, , latest] of rows) {
    assert.deepEqual(parseVersionList(body), versions, JSON.stringify(body));
    assert.equal(latestOf(parseVersionList(body)), latest, JSON.stringify(body));
  }
});

test("looksLikeVersionList tells lists from pages, JSON and other text", () => {
  for (const [body, , isList] of rows)
    assert.equal(looksLikeVersionList(Buffer.from(body)), isList, JSON.stringify(body));
  assert.equal(looksLikeVersionList(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0xff)), false);
});
