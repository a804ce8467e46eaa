import assert from "node:assert/strict";
import { test } from "node:test";
import { askFor, upstreamConfig } from "../../test/testkit/test-chain.ts";
import { awayHeaders, homeHeaders } from "./request-headers.ts";

const identity = { selfId: "self", userAgent: "modgate-test" };
const ask = askFor("info", {
  authorization: "Bearer client",
  headers: { via: "1.1 modgate-self", "x-request-id": "r" },
});

test("homeHeaders sends the client's Authorization over TLS or to this machine alone", () => {
  const cases: [url: string, isSent: boolean][] = [
    ["https://proxy.example.com", true],
    ["http://127.0.0.1:8080", true],
    ["http://localhost:8080", true],
    ["http://[::1]:8080", true],
    ["http://proxy.example.com", false],
    ["http://127.example.com", false],
    ["http://localhost.example.com", false],
  ];
  for (const [url, isSent] of cases) {
    const headers = homeHeaders(ask, upstreamConfig(url, { forwardAuthorization: true }), identity);
    assert.equal(headers["authorization"], isSent ? "Bearer client" : undefined, url);
  }
});

test("homeHeaders prefers the client's credentials to the operator's, and those to the URL's", () => {
  const url = "https://joe:secret@proxy.example.com";
  const own = { headers: { authorization: "Bearer operator" } };
  const sent = (settings: object): string | undefined =>
    homeHeaders(ask, upstreamConfig(url, settings), identity)["authorization"];
  assert.equal(sent({}), `Basic ${btoa("joe:secret")}`);
  assert.equal(sent(own), "Bearer operator");
  assert.equal(sent({ ...own, forwardAuthorization: true }), "Bearer client");
});

test("awayHeaders holds nothing of the client or the operator, and this gateway once in Via", () => {
  assert.deepEqual(awayHeaders({ ...ask, etag: '"e"' }, identity), {
    "user-agent": "modgate-test",
    "accept-encoding": "identity",
    via: "1.1 modgate-self",
    "if-none-match": '"e"',
  });
});
