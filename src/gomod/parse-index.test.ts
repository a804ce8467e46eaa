import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIndexQuery } from "./parse-index.ts";

test("parseIndexQuery reads since and limit, and says what they can be", () => {
  const index = (query: string): unknown => parseIndexQuery(new URLSearchParams(query));
  assert.deepEqual(index(""), { kind: "index", sinceMs: 0, limit: 2000 });
  assert.deepEqual(index("since=&limit="), { kind: "index", sinceMs: 0, limit: 2000 });
  assert.deepEqual(index("limit=1&since=2024-01-02T03:04:05.678Z"), {
    kind: "index",
    sinceMs: 1704164645678,
    limit: 1,
  });
  assert.deepEqual(index("limit=2000&since=2024-01-02T03:04:05%2B01:00"), {
    kind: "index",
    sinceMs: 1704161045000,
    limit: 2000,
  });
  const bad = [
    "limit=0",
    "limit=2001",
    "limit=-1",
    "limit=1.5",
    "limit=1e3",
    "limit=x",
    "limit=+5",
    "since=yesterday",
    "since=0",
  ];
  for (const query of [...bad, "since=2024-01-02", "since=2024-01-02T03:04:05+01:00", "since=2024-02-30T00:00:00Z"]) {
    assert.throws(() => index(query), { code: "INVALID_QUERY", status: 400, message: /want / }, query);
  }
});
