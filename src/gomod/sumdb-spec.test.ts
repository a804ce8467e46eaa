import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import { parseSumdbSpec } from "./sumdb-spec.ts";

const known = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

test("parseSumdbSpec reads off, known names, keys and URLs", () => {
  const golang = { name: "sum.golang.org", key: known };
  assert.equal(parseSumdbSpec("off"), null);
  assert.deepEqual(parseSumdbSpec("sum.golang.org"), { ...golang, url: null });
  assert.deepEqual(parseSumdbSpec(` ${known}\t`), { ...golang, url: null });
  assert.deepEqual(parseSumdbSpec("sum.golang.org https://mirror.test/sum"), {
    ...golang,
    url: "https://mirror.test/sum",
  });
  assert.deepEqual(parseSumdbSpec("sum.golang.google.cn"), { ...golang, url: "https://sum.golang.google.cn" });
});

test("parseSumdbSpec accepts the verifier keys that Go accepts", () => {
  const file = join(import.meta.dirname, "../../test/vectors/verifier-key.json");
  const rows: readonly [string, string | null][] = JSON.parse(readFileSync(file, "utf8"));
  for (const [key, want] of rows) assert.equal(nameOf(key), want, key);
});

test("parseSumdbSpec says what is wrong", () => {
  const rows: [string, RegExp][] = [
    ["", /it is blank/],
    ["OFF", /no verifier key NAME\+HASH\+KEY/],
    ["sum.example.com", /no verifier key NAME\+HASH\+KEY/],
    [known.replace("033de0ae", "00000000"), /its hash is 00000000 where name and key give 033de0ae/],
    ["sum.golang.org https://x.test y", /more than a key and a URL/],
    ["sum.golang.org mirror.test", /its URL is no http URL/],
    ["sum.golang.org file:///x", /its URL is no http URL/],
  ];
  for (const [text, message] of rows) {
    assert.throws(() => parseSumdbSpec(text), { code: "CONFIG_INVALID", message }, text);
  }
});

// Null where it is refused.
function nameOf(key: string): string | null {
  try {
    return parseSumdbSpec(key)?.name ?? null;
  } catch (error) {
    if (error instanceof Problem && error.code === "CONFIG_INVALID") return null;
    throw error;
  }
}
