import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../testkit/fault.ts";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface ChainRow {
  readonly name: string;
  readonly file: "info" | "zip";
  readonly fault: Fault;
  /** The verdict's status with `P1,P2`, or ok where the chain goes on; with `P1|P2` it goes on after everything. */
  readonly comma: "ok" | 403 | 502;
}

// GO-FACTS A.1: the separator after an upstream decides. Damaged zips go on after `|` too, which go itself cannot.
const rows: readonly ChainRow[] = [
  { name: "404", file: "info", fault: { kind: "status", status: 404 }, comma: "ok" },
  { name: "410", file: "info", fault: { kind: "status", status: 410 }, comma: "ok" },
  { name: "403", file: "info", fault: { kind: "status", status: 403 }, comma: 403 },
  { name: "500", file: "info", fault: { kind: "status", status: 500 }, comma: 502 },
  { name: "reset", file: "info", fault: { kind: "reset" }, comma: 502 },
  { name: "login-page", file: "info", fault: { kind: "body", body: "<html>login</html>" }, comma: 502 },
  { name: "broken-off", file: "info", fault: { kind: "truncate", how: "content-length" }, comma: 502 },
  { name: "zip-login-page", file: "zip", fault: { kind: "body", body: "<html>login</html>" }, comma: 502 },
  { name: "zip-truncated", file: "zip", fault: { kind: "truncate", how: "clean" }, comma: 502 },
  { name: "zip-broken-off", file: "zip", fault: { kind: "truncate", how: "reset" }, comma: 502 },
];

for (const separator of [",", "|"] as const) {
  test(`serve walks the chain P1${separator}P2 by go's rules for every kind of failure`, async () => {
    const tree = await moduleTree(rows.map(({ name }) => ({ path: `example.com/${name}`, version: "v1.0.0" })));
    await using first = await UpstreamServer.start({ tree });
    await using second = await UpstreamServer.start({ tree, name: "P2" });
    for (const { name, file, fault } of rows) first.fail({ match: `/example.com/${name}/@v/v1.0.0.${file}`, fault });
    await using modgate = await ModgateProcess.start({
      config: {
        upstream: `${first.url}${separator}${second.url}`,
        upstreamDefaults: { retry: { attempts: 1 }, breaker: { failures: 1000 } },
      },
    });
    await using go = await goCommand({ GOPROXY: modgate.url });
    for (const { name, file, comma } of rows) {
      const result = await go.run(["mod", "download", `example.com/${name}@v1.0.0`]);
      const works = separator === "|" || comma === "ok";
      assert.equal(result.exitCode === 0, works, `${name}: ${result.stderr}`);
      assert.equal(second.hits(`/example.com/${name}/*.${file}`) > 0, works, `${name}: P2 is asked`);
      const answer = await httpGet(modgate.url, `/example.com/${name}/@v/v1.0.0.${file}`);
      assert.equal(answer.status, works ? 200 : comma, name);
      if (works) assert.equal(answer.headers["x-go-proxy-upstream"], `127.0.0.1:${second.port}`, name);
    }
  });
}

test("serve says absent only where P1 and P2 both prove it, and names what each said", async () => {
  const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
  await using first = await UpstreamServer.start({ tree });
  await using second = await UpstreamServer.start({ tree, name: "P2" });
  first.fail({ match: "/example.com/mixed/*", fault: { kind: "status", status: 500 } });
  second.fail({ match: "/example.com/gone/*", fault: { kind: "status", status: 410 } });
  await using modgate = await ModgateProcess.start({
    config: { upstream: `${first.url}|${second.url}`, upstreamDefaults: { retry: { attempts: 1 } } },
  });
  const ask = async (module: string): Promise<[number, string]> => {
    const answer = await httpGet(modgate.url, `/example.com/${module}/@v/v1.0.0.info`);
    return [answer.status, answer.body.toString()];
  };
  const [absent, absentText] = await ask("none");
  assert.equal(absent, 404);
  assert.ok(
    absentText.includes(`127.0.0.1:${first.port}: 404`) && absentText.includes(`127.0.0.1:${second.port}: 404`),
    absentText,
  );
  assert.equal((await ask("gone"))[0], 410);
  const [mixed, mixedText] = await ask("mixed");
  assert.equal(mixed, 502, "one upstream that failed proves nothing");
  assert.match(mixedText, /500/);
});

const passing: readonly { readonly name: string; readonly fault: Fault; readonly file: string }[] = [
  { name: "503-once", file: "info", fault: { kind: "status", status: 503 } },
  { name: "429-once", file: "info", fault: { kind: "status", status: 429, headers: { "retry-after": "1" } } },
  { name: "rst-once", file: "mod", fault: { kind: "reset" } },
  { name: "close-once", file: "mod", fault: { kind: "close" } },
  { name: "partial-body-once", file: "zip", fault: { kind: "truncate", how: "content-length" } },
  { name: "partial-rst-once", file: "zip", fault: { kind: "truncate", how: "reset" } },
];

test("serve hides from go what passes: each failure of GO-FACTS A.5 once, then fine", async () => {
  const tree = await moduleTree(passing.map(({ name }) => ({ path: `example.com/${name}`, version: "v1.0.0" })));
  await using upstream = await UpstreamServer.start({ tree });
  for (const { name, file, fault } of passing) {
    upstream.fail({ match: `/example.com/${name}/@v/v1.0.0.${file}`, times: 1, fault });
  }
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  await using go = await goCommand({ GOPROXY: modgate.url });
  for (const { name, file } of passing) {
    const result = await go.run(["mod", "download", `example.com/${name}@v1.0.0`]);
    assert.equal(result.exitCode, 0, `${name}: ${result.stderr}`);
    assert.equal(upstream.hits(`/example.com/${name}/@v/v1.0.0.${file}`), 2, name);
    assert.equal(upstream.hits(`/example.com/${name}/*`), 4, `${name}: nothing else is asked twice`);
  }
});

test("the second request does not pay for a dead upstream again", async () => {
  const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
  await using dead = await UpstreamServer.start({ tree });
  dead.fail({ match: "*", fault: { kind: "silent" } });
  await using alive = await UpstreamServer.start({ tree, name: "P2" });
  const timeouts = { headers: "300ms" };
  await using modgate = await ModgateProcess.start({
    config: {
      upstream: `${dead.url}|${alive.url}`,
      upstreamDefaults: { timeouts, retry: { attempts: 1 }, breaker: { failures: 1, openFor: "1h" } },
    },
  });
  for (const end of ["info", "mod", "zip"]) {
    assert.equal((await httpGet(modgate.url, `/example.com/a/@v/v1.0.0.${end}`)).status, 200);
  }
  assert.equal(dead.requests.length, 1, "the breaker is open after the first");
});
