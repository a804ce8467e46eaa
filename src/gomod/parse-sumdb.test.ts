import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSumdbPath } from "./parse-sumdb.ts";

test("parseSumdbPath reads checksum database requests, names with a path included", () => {
  const plain = { kind: "sumdb", name: "sum.golang.org", rest: "", module: null, version: null };
  const local = { ...plain, name: "localhost.localdev/sumdb" };
  const rows: [string, unknown][] = [
    ["sumdb/sum.golang.org/supported", { ...plain, op: "supported", key: "sumdb/sum.golang.org/supported" }],
    ["sumdb/sum.golang.org/latest", { ...plain, op: "latest", key: "sumdb/sum.golang.org/latest" }],
    [
      "sumdb/localhost.localdev/sumdb/supported",
      { ...local, op: "supported", key: "sumdb/localhost.localdev/sumdb/supported" },
    ],
    [
      "sumdb/sum.golang.org/tile/8/0/x001/234.p/7",
      { ...plain, op: "tile", rest: "8/0/x001/234.p/7", key: "sumdb/sum.golang.org/tile/8/0/x001/234.p/7" },
    ],
    [
      "sumdb/sum.golang.org/tile/8/data/000",
      { ...plain, op: "tile", rest: "8/data/000", key: "sumdb/sum.golang.org/tile/8/data/000" },
    ],
    [
      "sumdb/localhost.localdev/sumdb/lookup/example.com/!upper@v1.4.0-!r!c1",
      {
        ...local,
        op: "lookup",
        rest: "example.com/!upper@v1.4.0-!r!c1",
        module: "example.com/Upper",
        version: "v1.4.0-RC1",
        key: "sumdb/localhost.localdev/sumdb/lookup/example.com/!upper@v1.4.0-!r!c1",
      },
    ],
    [
      "sumdb/sum.golang.org/lookup/example.com/lookup/tile/latest@v2.0.0+incompatible",
      {
        ...plain,
        op: "lookup",
        rest: "example.com/lookup/tile/latest@v2.0.0+incompatible",
        module: "example.com/lookup/tile/latest",
        version: "v2.0.0+incompatible",
        key: "sumdb/sum.golang.org/lookup/example.com/lookup/tile/latest@v2.0.0+incompatible",
      },
    ],
    [
      "sumdb/localhost:8443/latest",
      { ...plain, name: "localhost:8443", op: "latest", key: "sumdb/localhost:8443/latest" },
    ],
  ];
  for (const [path, want] of rows) assert.deepEqual(parseSumdbPath(path), want, path);
});

test("parseSumdbPath refuses what no checksum database has, with the code that fits", () => {
  const others = `
    sumdb sumdb/ sumdb/x.y sumdb/x.y/ sumdb/supported sumdb//supported sumdb/x.y//supported sumdb/../supported
    sumdb/x.y/../supported sumdb/.x/latest sumdb/x.y/supported/ sumdb/x.y/latest/latest sumdb/@v/list sumdb/x!y/latest
    sumdb/x.y/lookup sumdb/x.y/lookup/ sumdb/x.y/lookup/example.com/a sumdb/x.y/tile sumdb/x.y/tile/ sumdb/x.y/Latest
    sumdb/x.y/tile/8/0/../x sumdb/x.y/tile/8/0/1 sumdb/x.y/tile/8/0/001/ sumdb/x.y/tile/tile/8/0/001 sumdb/x:y/latest`;
  for (const path of [...others.trim().split(/\s+/), "sumdb/x y/latest", "sumdb/x\u0000y/latest", "sumdb/é/latest"]) {
    refuses(path, "NOT_A_GO_REQUEST");
  }
  for (const module of ["example.com/A", "../a", "", "x", "example.com/a/v1", "example.com//a", "example.com/!!a"]) {
    refuses(`sumdb/x.y/lookup/${module}@v1.0.0`, "INVALID_MODULE_PATH");
  }
  for (const version of ["main", "", "v1", "v1.0.0/go.mod", "v1.0.0+meta", "V1.0.0", "@v1.0.0"]) {
    refuses(`sumdb/x.y/lookup/example.com/a@${version}`, "INVALID_VERSION");
  }
});

function refuses(path: string, code: string): void {
  assert.throws(() => parseSumdbPath(path), { code, status: 400, verdict: "invalid" }, JSON.stringify(path));
}
