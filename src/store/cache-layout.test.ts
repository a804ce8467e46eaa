import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isVersionKey, placeOf, type CachePlace } from "./cache-layout.ts";

const version = (kind: "info" | "mod" | "zip", module: string, name: string): CachePlace => ({
  kind,
  module,
  version: name,
});
const mutable = (kind: "list" | "latest" | "query", module: string): CachePlace => ({ kind, module, version: null });
const sumdb: CachePlace = { kind: "sumdb", module: null, version: null };

const places: [string, CachePlace | null][] = [
  ["example.com/a/@v/v1.0.0.info", version("info", "example.com/a", "v1.0.0")],
  ["example.com/!upper/v2/@v/v2.0.0-!r!c1.mod", version("mod", "example.com/Upper/v2", "v2.0.0-RC1")],
  ["example.com/a/@v/v2.0.0+incompatible.zip", version("zip", "example.com/a", "v2.0.0+incompatible")],
  [
    "golang.org/toolchain/@v/v0.0.1-go1.26.0.linux-amd64.zip",
    version("zip", "golang.org/toolchain", "v0.0.1-go1.26.0.linux-amd64"),
  ],
  ["example.com/a/@v/list", mutable("list", "example.com/a")],
  ["example.com/a/@latest", mutable("latest", "example.com/a")],
  ["example.com/a/@v/main.info", mutable("query", "example.com/a")],
  ["example.com/a/@v/v1.info", mutable("query", "example.com/a")],
  ["sumdb/sum.golang.org/latest", sumdb],
  ["sumdb/sum.golang.org/supported", sumdb],
  ["sumdb/localhost.localdev/sumdb/lookup/example.com/!a@v1.0.0", sumdb],
  ["sumdb/sum.golang.org/tile/8/0/x001/234.p/56", sumdb],
  ["sumdb/sum.golang.org/tile/8/data/123", sumdb],
  ["example.com/a/@v/main.zip", null],
  ["example.com/a/@v/v1.mod", null],
  ["example.com/a/@v/v1.0.0.ziphash", null],
  ["example.com/a/@v/v1.0.0.lock", null],
  ["example.com/a/@v/.info", null],
  ["example.com/Upper/@v/list", null],
  ["example.com/a/v1/@v/list", null],
  ["example.com/a", null],
  ["nodot/@v/list", null],
  ["/example.com/a/@v/list", null],
  ["example.com/../a/@v/list", null],
  ["../example.com/a/@v/list", null],
  ["example.com//a/@v/list", null],
  ["example.com/a/@v/list\n", null],
  ["sumdb/sum.golang.org/other", null],
  ["sumdb/sum.golang.org/tile/8/0/../latest", null],
  ["sumdb/sum.golang.org/tile/8/0/1", null],
  ["lock", null],
  ["", null],
];

for (const [key, want] of places) {
  test(`placeOf(${JSON.stringify(key)}) is ${want ? `a ${want.kind}` : "no place"}`, () => {
    assert.deepEqual(placeOf(key), want);
  });
}

test("isVersionKey holds for files of versions alone", () => {
  for (const [key, place] of places) assert.equal(isVersionKey(key), place?.version != null, key);
});

test("placeOf never throws, and never accepts a key that climbs", (t) => {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  const piece = fc.constantFrom(
    "..",
    ".",
    "",
    "a",
    "example.com",
    "@v",
    "list",
    "sumdb",
    "v1.0.0.zip",
    "!a",
    "A",
    "\\",
    "\0",
    "tile",
  );
  const key = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("/")),
  );
  fc.assert(
    fc.property(key, (text) => {
      if (placeOf(text)) assert.ok(text.split("/").every((element) => !["", ".", ".."].includes(element)));
    }),
    { seed, numRuns: 2_000 },
  );
});
