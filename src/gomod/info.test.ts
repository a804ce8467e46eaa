import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { Problem } from "../kernel/problem.ts";
import { type Info, parseInfo } from "./info.ts";
import { parseRfc3339 } from "./rfc3339.ts";
import { isCanonicalVersion } from "./version.ts";

// What Go gives for a time that is left out: the start of the year 1.
const noTimeMs = -62135596800000;

test("parseInfo reads the version and time that go reads, and refuses what go refuses", () => {
  const rows: readonly [string, [string, number] | null][] = vectors("info");
  for (const [body, want] of rows) {
    const [version, atMs] = want ?? ["", 0];
    for (const wantVersion of [version, null]) {
      const info = orNull(body, wantVersion);
      // A canonical version alone is believed, where go believes any answer to a query.
      assert.equal(info?.version ?? null, want !== null && isCanonicalVersion(version) ? version : null, body);
      if (info !== null) assert.equal(info.time === null ? noTimeMs : parseRfc3339(info.time), atMs, body);
    }
  }
});

test("parseRfc3339 reads the times that Go reads from JSON", () => {
  const rows: readonly [string, number | null][] = vectors("time");
  for (const [text, want] of rows) assert.equal(parseRfc3339(text), want, text);
});

test("parseInfo says what is wrong with an answer", () => {
  const rows: [string, string | null, RegExp][] = [
    ["", "v1.0.0", /it is empty/],
    ["<!doctype html><title>Sign in</title>", "v1.0.0", /it is a page that starts with "<!doctype html>/],
    ["not found: v1.0.0", "v1.0.0", /it is no JSON but starts with "not found: v1.0.0"/],
    ["[]", "v1.0.0", /it is no JSON object/],
    ["null", "v1.0.0", /it is no JSON object/],
    ["{}", "v1.0.0", /it names version "" instead of "v1.0.0"/],
    ['{"Version":"v1.0.1"}', "v1.0.0", /it names version "v1.0.1" instead of "v1.0.0"/],
    ['{"Version":"v1.0.0","Time":"yesterday"}', "v1.0.0", /its Time "yesterday" is no RFC 3339 time/],
    ['{"Version":1}', "v1.0.0", /its Version is no string/],
    ['{"Version":"v1.0.0","Origin":{"Hash":[]}}', "v1.0.0", /its Origin.hash is no string/],
    ['{"error":"no such branch"}', null, /its Version "" is not canonical/],
    ['{"Version":"main"}', null, /its Version "main" is not canonical/],
  ];
  for (const [body, wantVersion, message] of rows) {
    const want = { code: "UPSTREAM_DAMAGED", verdict: "damaged", status: 502, message };
    assert.throws(() => parseInfo(Buffer.from(body), wantVersion), want, body);
  }
});

test("parseInfo keeps the time as it was written", () => {
  const body = '{"Version":"v1.0.0","Time":"2024-01-02T03:04:05.678+01:00","Origin":{"VCS":"git"}}';
  assert.deepEqual(parseInfo(Buffer.from(body), "v1.0.0"), {
    version: "v1.0.0",
    time: "2024-01-02T03:04:05.678+01:00",
    origin: null,
  });
});

test("parseInfo gives the commit that a version was made of, and the tag that led to it", () => {
  const rows: readonly [unknown, Info["origin"]][] = [
    [
      { VCS: "git", Ref: "refs/tags/v1.0.0", Hash: "feed" },
      { ref: "refs/tags/v1.0.0", hash: "feed" },
    ],
    [
      { vcs: "git", HASH: "feed", ref: "" },
      { ref: null, hash: "feed" },
    ],
    [{ VCS: "git", URL: "https://example.com/a" }, null],
    [{ Hash: "" }, null],
    [{}, null],
  ];
  for (const [origin, want] of rows) {
    const body = Buffer.from(JSON.stringify({ Version: "v1.0.0", Origin: origin }));
    assert.deepEqual(parseInfo(body, "v1.0.0").origin, want, JSON.stringify(origin));
  }
});

test("parseInfo ends in an answer or UPSTREAM_DAMAGED for any bytes and any JSON", (t) => {
  const json = fc.oneof(
    fc.json(),
    fc
      .record({ Version: fc.jsonValue(), Time: fc.jsonValue(), Origin: fc.jsonValue() })
      .map((value) => JSON.stringify(value)),
  );
  const property = fc.property(
    fc.oneof(
      fc.uint8Array(),
      json.map((text) => Buffer.from(text)),
    ),
    (bytes) => {
      try {
        assert.equal(parseInfo(bytes, "v1.0.0").version, "v1.0.0");
      } catch (error) {
        assert.ok(error instanceof Problem && error.code === "UPSTREAM_DAMAGED", String(error));
      }
    },
  );
  fc.assert(property, { seed: seedOf(t), numRuns: 2000 });
});

function orNull(body: string, wantVersion: string | null): Info | null {
  try {
    return parseInfo(Buffer.from(body), wantVersion);
  } catch (error) {
    if (error instanceof Problem && error.code === "UPSTREAM_DAMAGED") return null;
    throw error;
  }
}

function vectors(name: string) {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../test/vectors/${name}.json`), "utf8"));
}

function seedOf(t: { diagnostic(message: string): void }): number {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  return seed;
}
