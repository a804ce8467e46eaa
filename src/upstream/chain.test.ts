import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import type { Fault } from "../../test/testkit/fault.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { askFor, bodyText, standingStill, testChain, until, upstreamConfig } from "../../test/testkit/test-chain.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { Problem } from "../kernel/problem.ts";
import { problemText } from "../kernel/problem-text.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import { loopHeader } from "./loop.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
const never = new AbortController().signal;

type Behaviour = Fault | "ok";
const gone: Fault = { kind: "status", status: 410 };
const missing: Fault = { kind: "status", status: 404 };
const refused: Fault = { kind: "status", status: 403 };
const outage: Fault = { kind: "status", status: 502 };
const page: Fault = { kind: "body", body: "<title>Log in</title>", contentType: "text/html" };

/** Upstreams P1, P2, … that behave so, asked for one .info. */
async function walk(
  behaviours: readonly Behaviour[],
  separators: readonly ("," | "|")[],
  ask: UpstreamAsk = askFor("info"),
): Promise<{ upstream: string | null; problem: Problem | null; hits: number[] }> {
  await using stack = new AsyncDisposableStack();
  const servers: UpstreamServer[] = [];
  for (const behaviour of behaviours) {
    const server = stack.use(await UpstreamServer.start({ tree, name: `P${servers.length + 1}` }));
    if (behaviour !== "ok") server.fail({ match: "*", fault: behaviour });
    servers.push(server);
  }
  const clock = new FakeClock();
  const upstreams = servers.map((server, index) => upstreamConfig(server.url, { name: `P${index + 1}` }));
  const chain = stack.use(await testChain(upstreams, { clock, separators }));
  const hits = (): number[] => servers.map((server) => server.hits());
  try {
    const result = await standingStill(clock, chain.fetch(ask, bodyText, never));
    return { upstream: result.upstream, problem: null, hits: hits() };
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return { upstream: null, problem: error, hits: hits() };
  }
}

test("chain.fetch says absent only where every upstream asked has proved it, else the gravest that was met", async () => {
  const cases: [behaviours: Fault[], separators: ("," | "|")[], code: string][] = [
    [[missing, missing], [",", ","], "MODULE_ABSENT"],
    [[missing, gone], [",", ","], "MODULE_GONE"],
    [[gone, missing], ["|", ","], "MODULE_GONE"],
    [[outage, missing], ["|", ","], "UPSTREAM_UNREACHABLE"],
    [[missing, outage], [",", ","], "UPSTREAM_UNREACHABLE"],
    [[refused, missing], ["|", ","], "UPSTREAM_DENIED"],
    [[missing, refused], [",", ","], "UPSTREAM_DENIED"],
    [[page, missing], ["|", ","], "UPSTREAM_DAMAGED"],
    [[outage, refused], ["|", ","], "UPSTREAM_UNREACHABLE"],
    [[refused, outage], ["|", ","], "UPSTREAM_UNREACHABLE"],
    [[page, outage], ["|", ","], "UPSTREAM_DAMAGED"],
    [[outage, page], ["|", ","], "UPSTREAM_DAMAGED"],
    [[refused, page, missing], ["|", "|", ","], "UPSTREAM_DAMAGED"],
  ];
  for (const [behaviours, separators, code] of cases) {
    const { problem, hits } = await walk(behaviours, separators);
    const name = JSON.stringify([behaviours, separators]);
    assert.equal(problem?.code, code, name);
    assert.deepEqual(
      hits,
      behaviours.map(() => 1),
      name,
    );
    assert.deepEqual(
      problem?.tried.map((line) => line.split(":")[0]),
      behaviours.map((_behaviour, index) => `P${index + 1}`),
    );
  }
});

test("chain.fetch stops after a comma at anything but absence, and asks nobody behind the one that has it", async () => {
  for (const fault of [outage, refused, page]) assert.deepEqual((await walk([fault, "ok"], [",", ","])).hits, [1, 0]);
  assert.deepEqual((await walk(["ok", "ok"], ["|", "|"])).hits, [1, 0]);
  assert.deepEqual((await walk([missing, outage, "ok"], [",", "|", ","])).upstream, "P3");
});

test("chain.fetch gives 504 where time ran out, 503 where Retry-After was said, 502 for other trouble", async () => {
  const busy: Fault = { kind: "status", status: 503, headers: { "retry-after": "90" } };
  const late: Fault = { kind: "status", status: 504 };
  const cases: [Fault[], number, number][] = [
    [[outage], 502, 5000],
    [[late], 504, 5000],
    [[busy], 503, 90_000],
    [[late, busy], 502, 90_000],
    [[missing, late], 504, 5000],
  ];
  for (const [behaviours, status, retryAfterMs] of cases) {
    const { problem } = await walk(behaviours, ["|", "|"]);
    assert.deepEqual([problem?.status, problem?.retryAfterMs], [status, retryAfterMs], JSON.stringify(behaviours));
  }
});

test("notFound makes absence of a status, and without it the refusal names the setting", async () => {
  await using server = await UpstreamServer.start({ tree });
  server.fail({ match: "*", fault: refused });
  await using believing = await testChain([upstreamConfig(server.url, { name: "corp", notFound: [403] })]);
  await assert.rejects(believing.fetch(askFor("info"), bodyText, never), { code: "MODULE_ABSENT", status: 404 });
  await using asking = await testChain([upstreamConfig(server.url, { name: "corp" })]);
  await assert.rejects(asking.fetch(askFor("info"), bodyText, never), (error: unknown) => {
    assert.ok(error instanceof Problem);
    assert.deepEqual([error.code, error.status], ["UPSTREAM_DENIED", 403]);
    assert.match(error.message, /^Upstream "corp" refuses example\.com\/a@v1\.0\.0 \(\.info\): 403 Forbidden/);
    assert.match(error.hint, /upstream corp .*set notFound: \[403\] on it/);
    return true;
  });
});

test("off ends the walk: nobody behind it is asked, and alone it refuses", async () => {
  await using server = await UpstreamServer.start({ tree });
  server.fail({ match: "*", fault: missing });
  const off = upstreamConfig("off", { name: "off" });
  const last = upstreamConfig(server.url, { name: "last" });
  await using alone = await testChain([off, last]);
  await assert.rejects(alone.fetch(askFor("info"), bodyText, never), {
    code: "UPSTREAM_DENIED",
    message: "Cannot fetch example.com/a@v1.0.0 (.info): module lookup disabled by upstream off",
  });
  assert.equal(server.hits(), 0);
  await using behind = await testChain([upstreamConfig(server.url), off]);
  await assert.rejects(behind.fetch(askFor("info"), bodyText, never), { code: "MODULE_ABSENT" });
  assert.deepEqual(alone.names, ["off", "last"]);
  assert.deepEqual(
    alone.health().map((health) => health.upstream),
    ["last"],
  );
});

test("only chooses upstreams by name or host, further ones too, in its order", async () => {
  await using first = await UpstreamServer.start({ tree });
  await using second = await UpstreamServer.start({ tree });
  await using third = await UpstreamServer.start({ tree });
  const chain = await testChain([upstreamConfig(first.url), upstreamConfig(second.url, { name: "P2" })], {
    further: [upstreamConfig(third.url, { name: "P3" })],
  });
  await using _chain = chain;
  const asked = async (only: string[] | null): Promise<string> =>
    (await chain.fetch(askFor("info", { only }), bodyText, never)).upstream;
  assert.equal(await asked(null), "P1");
  assert.equal(await asked(["P2"]), "P2");
  assert.equal(await asked(["P3", "P1"]), "P3");
  assert.equal(await asked([`127.0.0.1:${second.port}`]), "P2");
  assert.equal(await asked(["127.0.0.1"]), "P1");
  second.fail({ match: "*", fault: missing });
  assert.equal(await asked(["P2", "P1"]), "P1");
  third.fail({ match: "*", fault: outage });
  await assert.rejects(asked(["P3", "P1"]), { code: "UPSTREAM_UNREACHABLE" });
  await assert.rejects(asked(["nobody"]), { code: "UNKNOWN_UPSTREAM", hint: "use one of P1, P2, P3" });
  assert.deepEqual(chain.names, ["P1", "P2", "P3"]);
});

test("chain.fetch stops at an upstream that leads back here, without a retry, whatever the separator", async () => {
  const loop: Fault = { kind: "status", status: 508, headers: { [loopHeader]: "self" }, body: "loop" };
  const { problem, hits } = await walk([loop, "ok"], ["|", ","]);
  assert.deepEqual(hits, [1, 0]);
  assert.equal(problem?.code, "UPSTREAM_LOOP");
  assert.match(problem.message, /"P1" leads back to this gateway/);
  assert.match(problem.hint, /GOPROXY=/);
});

test("tried quotes what an upstream says in short plain text, and the whole fits what go prints", async () => {
  const cases: [fault: Fault, want: RegExp][] = [
    [
      { kind: "status", status: 404, body: "not found: unknown module\nmore" },
      /^P1: 404 Not Found: "not found: unknown module", 0 ms$/,
    ],
    [
      { kind: "status", status: 403, reason: "Blocked By Policy", body: "a\u0007b" },
      /^P1: 403 Blocked By Policy: "a b", 0 ms$/,
    ],
    [{ kind: "status", status: 404, body: "x".repeat(5000) }, /^P1: 404 Not Found, 0 ms$/],
    [{ kind: "status", status: 404, body: "{}", contentType: "application/json" }, /^P1: 404 Not Found, 0 ms$/],
    [{ kind: "status", status: 500, body: "see https://u:secret@h.test/" }, /"see https:\/\/xxxxx@h\.test\/"/],
  ];
  for (const [fault, want] of cases) {
    const { problem } = await walk([fault], [","]);
    assert.match(problem?.tried[0] ?? "", want);
    assert.ok(problem && Buffer.byteLength(problemText(problem, "id")) <= 648);
  }
});

test("a failure whose body never ends is answered after a second all the same", async () => {
  const socketServer = createServer((socket) => {
    socket.write("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\nhalf");
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => socketServer.listen(0, "127.0.0.1", resolve));
  const address = socketServer.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(`http://127.0.0.1:${port}`)], { clock });
  const ended = chain.fetch(askFor("info"), bodyText, never).catch((error: unknown) => error);
  await until(() => clock.delays.includes(1000));
  await clock.advance(1000);
  const problem = await ended;
  socketServer.close();
  assert.equal(problem instanceof Problem ? problem.code : problem, "MODULE_ABSENT");
});

test("health tells what each upstream answered last", async () => {
  await using server = await UpstreamServer.start({ tree });
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(server.url)], { clock });
  const host = `127.0.0.1:${server.port}`;
  const health = { upstream: "P1", host, breaker: "closed" };
  assert.deepEqual(chain.health(), [{ ...health, lastOkAtMs: null, lastFailure: null }]);
  server.fail({ match: "*.mod", fault: outage });
  await standingStill(clock, chain.fetch(askFor("mod"), bodyText, never)).catch(() => {});
  assert.deepEqual(chain.health(), [
    { ...health, lastOkAtMs: null, lastFailure: '502 Bad Gateway: "fault 502 from P1"' },
  ]);
  await standingStill(clock, chain.fetch(askFor("info"), bodyText, never));
  assert.deepEqual(chain.health(), [{ ...health, lastOkAtMs: clock.now(), lastFailure: null }]);
});

test("createChain refuses URLs that name no upstream", async () => {
  for (const url of ["ftp://h.test", "proxy", "file://host/x", "file:///x?y", "direct"]) {
    await assert.rejects(testChain([upstreamConfig(url)]), { code: "CONFIG_INVALID" }, url);
  }
});
