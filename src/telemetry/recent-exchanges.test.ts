import assert from "node:assert/strict";
import { test } from "node:test";
import { someExchange, someTry } from "../../test/testkit/some-exchange.ts";
import type { Exchange } from "../ports/exchange.ts";
import { RecentExchanges } from "./recent-exchanges.ts";

const about = (module: string, id: string, changes: Partial<Exchange> = {}): Exchange =>
  someExchange({
    id,
    startedAtMs: Number(id),
    request: { kind: "zip", module, escapedModule: module, version: "v1.0.0", key: `${module}.zip` },
    ...changes,
  });
const idsOf = (exchanges: readonly Exchange[]): string[] => exchanges.map((exchange) => exchange.id);

test("RecentExchanges.find gives the exchanges of a version, the newest first", () => {
  const recent = new RecentExchanges();
  recent.record(about("m.io/a", "1", { tries: [someTry()], cache: "miss" }));
  recent.record(about("m.io/b", "2"));
  recent.record(about("m.io/a", "3"));
  recent.record(
    about("m.io/a", "4", { request: { kind: "list", module: "m.io/a", escapedModule: "m.io/a", key: "k" } }),
  );
  assert.deepEqual(idsOf(recent.find("m.io/a", "v1.0.0")), ["3", "1"]);
  assert.deepEqual(idsOf(recent.find("m.io/a", null)), ["4", "3", "1"]);
  assert.deepEqual(idsOf(recent.find("m.io/a", "v1.0.1")), []);
});

test("RecentExchanges.find knows queries and checksum lookups", () => {
  const recent = new RecentExchanges();
  const query = { kind: "query", module: "m.io/a", escapedModule: "m.io/a", query: "main", key: "k" } as const;
  recent.record(about("", "1", { request: query }));
  const lookup = { kind: "sumdb", name: "sum", op: "lookup", rest: "", module: "m.io/a", version: "v1.0.0" } as const;
  recent.record(about("", "2", { request: { ...lookup, key: "k" } }));
  recent.record(about("", "3", { request: null }));
  assert.deepEqual(idsOf(recent.find("m.io/a", "main")), ["1"]);
  assert.deepEqual(idsOf(recent.find("m.io/a", "v1.0.0")), ["2"]);
});

test("RecentExchanges.record forgets the oldest, and hits push out hits alone", () => {
  const recent = new RecentExchanges(3);
  recent.record(about("m.io/a", "1", { tries: [someTry()] }));
  recent.record(about("m.io/a", "2", { verdict: "denied" }));
  for (let id = 3; id < 9; id++) recent.record(about("m.io/a", String(id)));
  assert.deepEqual(idsOf(recent.find("m.io/a", "v1.0.0")), ["8", "7", "6", "2", "1"]);
});
