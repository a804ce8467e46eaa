import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Fault } from "../../test/testkit/fault.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { testCa } from "../../test/testkit/test-ca.ts";
import {
  askFor,
  bodyText,
  standingStill,
  testChain,
  until,
  upstreamConfig,
  type TestChainOptions,
} from "../../test/testkit/test-chain.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import type { UpstreamConfig } from "../config/config.ts";
import { Problem } from "../kernel/problem.ts";
import type { Chain } from "../ports/upstream.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
const info = tree.get("example.com/a", "v1.0.0").info.toString();
const ca = await testCa();
const otherCa = await testCa("Other CA");
const files = await tempDir("tls");
test.after(() => files[Symbol.asyncDispose]());
const never = new AbortController().signal;

async function written(name: string, content: string): Promise<string> {
  const path = join(files.path, name);
  await writeFile(path, content);
  return path;
}
const caFile = await written("ca.pem", ca.cert);

async function get(chain: Chain, clock: FakeClock, endpoint: "info" | "mod" | "zip" = "info"): Promise<string> {
  try {
    const result = await standingStill(clock, chain.fetch(askFor(endpoint), bodyText, never));
    return result.kind === "found" ? result.value : result.kind;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `${error.code} ${error.tried[0] ?? ""}`;
  }
}

async function outcome(
  url: string,
  settings: Partial<UpstreamConfig>,
  options: TestChainOptions = {},
): Promise<string> {
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(url, settings)], { clock, ...options });
  return get(chain, clock);
}

test("caFile is added to the roots, and a fault of a certificate is unreachable and not tried again", async () => {
  const trusted = { caFile };
  const retry = { attempts: 3, backoffMs: 0, maxBackoffMs: 0 };
  const cases: [name: string, tls: { cert: string; key: string }, settings: Partial<UpstreamConfig>, want: RegExp][] = [
    ["trusted", await ca.issue(), trusted, /v1\.0\.0/],
    ["unknown authority", await ca.issue(), {}, /^UPSTREAM_UNREACHABLE P1: .*UNABLE_TO_VERIFY_LEAF_SIGNATURE/],
    [
      "another authority",
      await otherCa.issue(),
      trusted,
      /^UPSTREAM_UNREACHABLE P1: .*UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
    ],
    ["expired", await ca.issue({ expired: true }), trusted, /^UPSTREAM_UNREACHABLE P1: .*CERT_HAS_EXPIRED/],
    [
      "wrong name",
      await ca.issue({ addresses: [] }),
      trusted,
      /^UPSTREAM_UNREACHABLE P1: .*ERR_TLS_CERT_ALTNAME_INVALID/,
    ],
  ];
  for (const [name, tls, settings, want] of cases) {
    await using server = await UpstreamServer.start({ tree, tls });
    assert.match(await outcome(server.url, { ...settings, retry }), want, name);
    assert.ok(server.connections <= 1, name);
  }
});

test("caFile leaves the default roots trusted", async () => {
  const roots = getCACertificates("default");
  await using server = await UpstreamServer.start({ tree, tls: await otherCa.issue() });
  try {
    setDefaultCACertificates([...roots, otherCa.cert]);
    assert.equal(await outcome(server.url, { caFile }), info);
  } finally {
    setDefaultCACertificates(roots);
  }
});

test("the client certificate is shown to the upstream, and what it says without one is unreachable", async () => {
  const client = await ca.issue({ use: "client", commonName: "modgate" });
  const certFile = await written("client.pem", client.cert);
  const keyFile = await written("client.key", client.key);
  await using server = await UpstreamServer.start({
    tree,
    tls: { ...(await ca.issue()), ca: ca.cert, requestCert: true },
  });
  assert.equal(await outcome(server.url, { caFile, certFile, keyFile }), info);
  assert.match(
    await outcome(server.url, { caFile }),
    /^UPSTREAM_UNREACHABLE P1: (TLS failed|connection reset|connection closed)/,
  );
});

test("a redirect to another host never shows it the client certificate", async () => {
  const client = await ca.issue({ use: "client" });
  const settings = {
    caFile,
    certFile: await written("c.pem", client.cert),
    keyFile: await written("c.key", client.key),
  };
  await using away = await UpstreamServer.start({
    tree,
    tls: { ...(await ca.issue()), ca: ca.cert, requestCert: true },
  });
  await using home = await UpstreamServer.start({ tree, tls: await ca.issue() });
  home.fail({ match: "*", fault: { kind: "redirect", location: `${away.url}/example.com/a/@v/v1.0.0.info` } });
  assert.match(await outcome(home.url, settings), /^UPSTREAM_UNREACHABLE/);
  assert.equal(away.hits(), 0);
});

test("https to http is refused by a redirect, and the other way followed", async () => {
  await using plain = await UpstreamServer.start({ tree });
  await using secure = await UpstreamServer.start({ tree, tls: await ca.issue() });
  const path = "/example.com/a/@v/v1.0.0.info";
  const stop = secure.fail({ match: "*", fault: { kind: "redirect", location: plain.url + path } });
  assert.match(
    await outcome(secure.url, { caFile }),
    /^UPSTREAM_UNREACHABLE P1: redirected from https to insecure http:/,
  );
  assert.equal(plain.hits(), 0);
  stop();
  plain.fail({ match: "*", fault: { kind: "redirect", location: secure.url + path } });
  assert.equal(await outcome(plain.url, { caFile }), info);
});

test("TLS and plain HTTP that meet each other are unreachable", async () => {
  await using plain = await UpstreamServer.start({ tree });
  await using secure = await UpstreamServer.start({ tree, tls: await ca.issue() });
  assert.match(
    await outcome(plain.url.replace("http:", "https:"), { caFile }),
    /^UPSTREAM_UNREACHABLE P1: no TLS on the other side/,
  );
  assert.match(
    await outcome(secure.url.replace("https:", "http:"), {}),
    /^UPSTREAM_UNREACHABLE P1: (no HTTP answer|connection)/,
  );
});

test("createChain refuses certificate files that are missing, no PEM, or do not belong together", async () => {
  const [first, second] = [await ca.issue(), await ca.issue()];
  const certFile = await written("first.pem", first.cert);
  const cases: Partial<UpstreamConfig>[] = [
    { caFile: join(files.path, "missing.pem") },
    { caFile: await written("text.pem", "hello") },
    { certFile, keyFile: await written("second.key", second.key) },
  ];
  for (const settings of cases) {
    await assert.rejects(testChain([upstreamConfig("https://h.test", settings)]), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.code, "CONFIG_INVALID");
      assert.match(error.message, /of upstream "P1"/);
      return true;
    });
  }
});

test("http2 sends many requests at once over one connection, and http2: false speaks HTTP/1.1", async () => {
  for (const http2 of [true, false]) {
    await using server = await UpstreamServer.start({ tree, tls: await ca.issue(), http2: true });
    const clock = new FakeClock();
    await using chain = await testChain([upstreamConfig(server.url, { caFile, http2 })], { clock });
    const gate = server.hold("*");
    const all = Promise.all(Array.from({ length: 8 }, () => get(chain, clock)));
    await gate.arrived(8);
    gate.release();
    assert.deepEqual(
      await all,
      Array.from({ length: 8 }, () => info),
    );
    assert.equal(server.connections, http2 ? 1 : 8);
  }
});

test("faults over HTTP/2 are told apart as over HTTP/1.1", async () => {
  const cases: [fault: Fault, endpoint: "info" | "zip", want: RegExp][] = [
    [{ kind: "status", status: 404 }, "info", /^MODULE_ABSENT/],
    [{ kind: "status", status: 503 }, "info", /^UPSTREAM_UNREACHABLE P1: 503 Service Unavailable: "fault 503 from P1"/],
    [{ kind: "reset" }, "info", /^UPSTREAM_UNREACHABLE/],
    [{ kind: "truncate", how: "content-length" }, "zip", /^UPSTREAM_UNREACHABLE P1: 200, then broken off/],
    [{ kind: "truncate", how: "chunked" }, "zip", /^UPSTREAM_UNREACHABLE P1: 200, then broken off/],
  ];
  for (const [fault, endpoint, want] of cases) {
    await using server = await UpstreamServer.start({ tree, tls: await ca.issue(), http2: true });
    server.fail({ match: "*", fault });
    const clock = new FakeClock();
    await using chain = await testChain([upstreamConfig(server.url, { caFile, http2: true })], { clock });
    assert.match(await get(chain, clock, endpoint), want, JSON.stringify(fault));
  }
});

test("time limits hold over HTTP/2 too, and leave the connection to the other requests", async () => {
  await using server = await UpstreamServer.start({ tree, tls: await ca.issue(), http2: true });
  server.fail({ match: "*.info", fault: { kind: "silent" } });
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(server.url, { caFile, http2: true })], { clock });
  const late = get(chain, clock);
  await until(() => server.hits() === 1 && clock.delays.includes(20_000));
  await clock.advance(20_000);
  assert.match(await late, /^UPSTREAM_UNREACHABLE P1: no answer within 20 s/);
  assert.match(await get(chain, clock, "mod"), /^module example.com\/a/);
  assert.equal(server.connections, 1);
});
