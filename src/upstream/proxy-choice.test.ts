import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyFor } from "./proxy-choice.ts";

const proxies = { httpProxy: "http://plain.test:3128", httpsProxy: "http://secure.test:3128", noProxy: null };

test("proxyFor takes HTTPS_PROXY for https and HTTP_PROXY for http, never for this machine", () => {
  const cases: [string, string | null][] = [
    ["https://proxy.example.com/x", "http://secure.test:3128"],
    ["http://proxy.example.com/x", "http://plain.test:3128"],
    ["http://127.0.0.1:8080/", null],
    ["https://localhost:8443/", null],
    ["http://[::1]:8080/", null],
  ];
  for (const [url, want] of cases) assert.equal(proxyFor(new URL(url), proxies), want, url);
  assert.equal(proxyFor(new URL("http://a.test"), { httpProxy: null, httpsProxy: "http://x", noProxy: null }), null);
  assert.equal(
    proxyFor(new URL("http://a.test"), { httpProxy: "corp.test:3128", httpsProxy: null, noProxy: null }),
    "http://corp.test:3128",
  );
});

test("proxyFor reads NO_PROXY as golang.org/x/net/http/httpproxy does", () => {
  const cases: [noProxy: string, url: string, isDirect: boolean][] = [
    ["*", "https://a.test", true],
    ["a.test", "https://a.test", true],
    ["a.test", "https://sub.a.test", true],
    ["a.test", "https://nota.test", false],
    ["A.TEST", "https://a.test", true],
    [".a.test", "https://a.test", false],
    [".a.test", "https://sub.a.test", true],
    ["*.a.test", "https://sub.a.test", true],
    ["*.a.test", "https://a.test", false],
    ["b.test, a.test", "https://a.test", true],
    ["a.test:8443", "https://a.test", false],
    ["a.test:443", "https://a.test", true],
    ["a.test:8443", "https://a.test:8443", true],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.0.0.0/99", "https://10.1.2.3", false],
    ["10.0.0.0/8", "https://a.test", false],
    ["10.1.2.3", "https://10.1.2.3", true],
    ["10.1.2.3", "https://10.1.2.30", false],
    ["fd00::/8", "https://[fd00::1]", true],
    ["fd00::1", "https://[fd00::1]", true],
    ["", "https://a.test", false],
    [",,", "https://a.test", false],
  ];
  for (const [noProxy, url, isDirect] of cases) {
    const proxy = proxyFor(new URL(url), { ...proxies, noProxy });
    assert.equal(proxy === null, isDirect, `NO_PROXY=${noProxy} ${url}`);
  }
});
