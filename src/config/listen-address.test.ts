import assert from "node:assert/strict";
import { test } from "node:test";
import { parseListenAddress } from "./listen-address.ts";

test("parseListenAddress reads host:port, [ipv6]:port, :port and unix:/path, and nothing else", () => {
  const tcp = (host: string, port: number) => ({ kind: "tcp", host, port });
  const rows: [string, unknown][] = [
    ["127.0.0.1:8080", tcp("127.0.0.1", 8080)],
    ["localhost:0", tcp("localhost", 0)],
    ["[::1]:443", tcp("::1", 443)],
    [":8080", tcp("::", 8080)],
    ["unix:/run/m.sock", { kind: "unix", path: "/run/m.sock" }],
    ["unix:m.sock", null],
    ["8080", null],
    ["127.0.0.1", null],
    ["127.0.0.1:65536", null],
    ["http://127.0.0.1:80", null],
    ["::1:80", null],
    ["", null],
  ];
  for (const [text, want] of rows) assert.deepEqual(parseListenAddress(text), want, text);
});
