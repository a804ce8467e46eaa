import assert from "node:assert/strict";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree, type ModuleSource, type ModuleTree } from "../testkit/module-tree.ts";
import { testSumdb, type TestSumdb } from "../testkit/sumdb-server.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const day = 86_400_000;
const path = "example.com/lib";
const young = "v0.0.0-20240101000000-abcdefabcdef";

function lib(version: string, more: Partial<ModuleSource> = {}): ModuleSource {
  // What its author says of the time has nothing to do with when it was published.
  return { path, version, time: "2020-01-01T00:00:00Z", files: { "lib.go": "package lib\n" }, ...more };
}

/** A database that has recorded something each quarter of an hour for sixty days, and these versions so many days ago. */
async function recorded(now: number, versions: readonly (readonly [number, ModuleSource])[]) {
  const records = 60 * 96;
  const begin = now - 60 * day;
  const sumdb = testSumdb(await moduleTree([]), { fillerAt: (number) => begin + number * 900_000 });
  for (const [daysAgo, source] of versions) {
    sumdb.growTo((60 - daysAgo) * 96);
    sumdb.add(await moduleTree([source]));
  }
  sumdb.growTo(records);
  return { sumdb, tree: await moduleTree(versions.map(([, source]) => source)) };
}

interface World extends AsyncDisposable {
  readonly url: string;
  readonly upstream: UpstreamServer;
  get(path: string): Promise<{ status: number; body: string }>;
}

async function world(parts: { tree: ModuleTree; sumdb: TestSumdb }, config: object): Promise<World> {
  const stack = new AsyncDisposableStack();
  const upstream = stack.use(await UpstreamServer.start({ tree: parts.tree }));
  const database = stack.use(await UpstreamServer.start({ responders: [parts.sumdb.atRoot] }));
  const sumdb = `${parts.sumdb.key} ${database.url}`;
  const modgate = stack.use(
    await ModgateProcess.start({
      config: { upstream: "main", upstreams: { main: { url: upstream.url, private: true } }, ...config },
      sumdb,
    }),
  );
  return {
    url: modgate.url,
    upstream,
    async get(asked) {
      const { status, body } = await httpGet(modgate.url, asked);
      return { status, body: body.toString() };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const published = [
  [40, lib("v1.0.0")],
  [30, lib("v1.1.0")],
  [3, lib("v1.2.0")],
  [2, lib("v1.3.0", { goMod: `module ${path}\n\nretract v1.1.0\n` })],
  [1, lib(young, { refs: ["main"] })],
] as const;

test("minimumAge holds versions by when the checksum database got them, whatever their authors say", async () => {
  const parts = await recorded(Date.now(), published);
  await using gateway = await world(parts, {
    rules: [{ pattern: "*", action: "allow", minimumAge: "7d" }],
    fastLane: [`${path}@v1.2.0`],
  });
  assert.deepEqual(await gateway.get(`/${path}/@v/list`), { status: 200, body: "v1.0.0\nv1.2.0\n" });
  const latest = JSON.parse((await gateway.get(`/${path}/@latest`)).body) as { Version: string };
  assert.equal(latest.Version, "v1.2.0", "the fast lane");
  for (const file of [`v1.3.0.info`, `v1.3.0.mod`, `v1.3.0.zip`, `${young}.mod`, "main.info"]) {
    const { status, body } = await gateway.get(`/${path}/@v/${file}`);
    assert.equal(status, 403, file);
    assert.match(
      body,
      /has been known only since \d{4}-\d\d-\d\d .* and the rule \* \(.*modgate\.yaml:\d+\) holds versions for 7d: it is served from .*\(VERSION_TOO_YOUNG\)/s,
    );
  }
  assert.equal((await gateway.get(`/${path}/@v/v1.1.0.zip`)).status, 200, "retracted, but named");
  assert.equal((await gateway.get(`/${path}/@v/v1.9.0.info`)).status, 404, "what does not exist is absent, not young");

  await using go = await goCommand({ GOPROXY: gateway.url, GOSUMDB: "off" });
  const cwd = await go.project({
    goMod: "module main\n\ngo 1.21\n",
    files: { "main.go": `package main\n\nimport _ "${path}"\n\nfunc main() {}\n` },
  });
  const tidy = await go.run(["get", `${path}@latest`], { cwd });
  assert.match(tidy.stderr, /added example\.com\/lib v1\.2\.0/);
  const refused = await go.run(["get", `${path}@v1.3.0`], { cwd });
  assert.notEqual(refused.exitCode, 0);
  assert.match(refused.stderr, /has been known only since/);
});

test("/cooldown/ and /asof/ in a client's GOPROXY show it the modules as it wants them", async () => {
  const now = Date.now();
  const parts = await recorded(now, published);
  await using gateway = await world(parts, {});
  const dayOf = (daysAgo: number): string => new Date(now - daysAgo * day).toISOString().slice(0, 10);
  const listed = async (prefix: string): Promise<string> => (await gateway.get(`${prefix}/${path}/@v/list`)).body;
  assert.equal(await listed(""), "v1.0.0\nv1.1.0\nv1.2.0\nv1.3.0\n");
  assert.equal(await listed("/cooldown/7d"), "v1.0.0\n", "the release that is held retracts v1.1.0");
  assert.equal(await listed("/cooldown/60h"), "v1.0.0\nv1.2.0\n");
  assert.equal(await listed("/cooldown/36h"), "v1.0.0\nv1.1.0\nv1.2.0\nv1.3.0\n", "go reads the retraction itself");
  assert.equal(await listed(`/asof/${dayOf(35)}`), "v1.0.0\n");
  assert.equal(await listed(`/asof/${dayOf(20)}`), "v1.0.0\nv1.1.0\n", "nobody had retracted it by then");
  assert.equal(await listed(`/asof/${dayOf(55)}`), "");
  assert.equal((await gateway.get(`/asof/${dayOf(20)}/${path}/@v/v1.3.0.mod`)).status, 200, "named, so served");
  const branch = await gateway.get(`/asof/${dayOf(20)}/${path}/@v/main.info`);
  assert.equal(branch.status, 403);
  assert.match(branch.body, /\(VERSION_AFTER_VIEW\)/);

  await using go = await goCommand({ GOSUMDB: "off" });
  const latest = async (prefix: string): Promise<string> => {
    await go.coldCache();
    const { stdout, stderr } = await go.run(["list", "-m", `${path}@latest`], {
      env: { GOPROXY: `${gateway.url}${prefix}` },
    });
    return stdout.trim().split(" ")[1] ?? stderr;
  };
  assert.equal(await latest(""), "v1.3.0");
  assert.equal(await latest("/cooldown/7d"), "v1.0.0");
  assert.equal(await latest(`/asof/${dayOf(20)}`), "v1.1.0");
});

test("minimumAge counts from when a private version was first listed here, where no database knows it", async () => {
  const parts = await recorded(Date.now(), []);
  const tree = await moduleTree([{ path: "corp.example/p", version: "v1.0.0", files: { "p.go": "package p\n" } }]);
  await using gateway = await world(
    { ...parts, tree },
    { private: ["corp.example"], rules: [{ pattern: "corp.example", action: "allow", minimumAge: "7d" }] },
  );
  assert.deepEqual(await gateway.get("/corp.example/p/@v/list"), { status: 200, body: "" });
  const { status, body } = await gateway.get("/corp.example/p/@v/v1.0.0.zip");
  assert.equal(status, 403);
  assert.match(body, /known only since/);
  assert.equal((await gateway.get("/corp.example/p/@v/v1.1.0.zip")).status, 404);
});
