import assert from "node:assert/strict";
import { test } from "node:test";
import { findLoop, isOwnVia, ownVia, type NameService } from "./loop.ts";

const names: NameService = {
  resolve: (host) => {
    const known: Record<string, string[]> = {
      "gate.test": ["192.0.2.7"],
      "other.test": ["192.0.2.9"],
      "six.test": ["fd00::7"],
    };
    const found = known[host];
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no such host ${host}`));
  },
  localAddresses: () => ["127.0.0.1", "::1", "192.0.2.7", "fd00::7"],
};

test("isOwnVia finds this gateway among the hops, and no other one", () => {
  assert.equal(isOwnVia(ownVia("abc"), "abc"), true);
  assert.equal(isOwnVia(`1.1 front, ${ownVia("abc")} (x), 1.0 back`, "abc"), true);
  assert.equal(isOwnVia("HTTP/2 modgate-abc", "abc"), true);
  for (const header of [null, undefined, "", "1.1 modgate-abcd", "1.1 modgate-ab", "modgate-abc", "1.1 front"]) {
    assert.equal(isOwnVia(header, "abc"), false, String(header));
  }
});

test("findLoop names the upstream that leads to our own listener, whatever it is called", async () => {
  const cases: [url: string, listener: string, isLoop: boolean][] = [
    ["http://127.0.0.1:8080", "127.0.0.1:8080", true],
    ["http://localhost:8080", "127.0.0.1:8080", true],
    ["http://localhost:8080", "[::1]:8080", true],
    ["http://[::1]:8080", "[::1]:8080", true],
    ["http://127.0.0.1:8080", "localhost:8080", true],
    ["http://127.0.0.1:8081", "127.0.0.1:8080", false],
    ["http://127.0.0.2:8080", "127.0.0.1:8080", false],
    ["http://127.0.0.2:8080", "0.0.0.0:8080", true],
    ["http://localhost:8080/", "0.0.0.0:8080", true],
    ["http://localhost:8080", ":8080", true],
    ["http://0.0.0.0:8080", "127.0.0.1:8080", true],
    ["http://gate.test:8080", "0.0.0.0:8080", true],
    ["http://gate.test:8080", "192.0.2.7:8080", true],
    ["http://gate.test:8080", "gate.test:8080", true],
    ["http://gate.test:8080", "127.0.0.1:8080", false],
    ["http://six.test:8080", "[::]:8080", true],
    ["http://other.test:8080", "0.0.0.0:8080", false],
    ["http://unknown.test:8080", "0.0.0.0:8080", false],
    ["https://gate.test", "0.0.0.0:443", true],
    ["http://gate.test", "0.0.0.0:80", true],
    ["http://127.0.0.1:8080", "unix:/run/modgate.sock", false],
    ["file:///srv/proxy", "0.0.0.0:8080", false],
    ["direct", "0.0.0.0:8080", false],
  ];
  for (const [url, address, isLoop] of cases) {
    const loop = await findLoop([{ name: "up", url }], [{ address }], names);
    assert.deepEqual(loop, isLoop ? { upstream: "up", address } : null, `${url} at ${address}`);
  }
});
