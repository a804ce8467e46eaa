import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree, type ModuleSource } from "../testkit/module-tree.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";
import { vulndbFiles, writeVulndb } from "../testkit/vulndb.ts";

const path = "example.com/lib";
const lib = (version: string): ModuleSource => ({
  path,
  version,
  files: { "lib.go": "package lib\n\nfunc Parse() int { return 1 }\n" },
});
const files = vulndbFiles([
  {
    id: "GO-2026-0001",
    module: path,
    summary: "Parse never ends",
    aliases: ["CVE-2026-1"],
    ranges: [["1.1.0", "1.3.0"]],
    symbols: ["Parse"],
  },
  { id: "GO-2026-0002", module: path, ranges: [["1.3.0", null]] },
  { id: "GO-2026-0003", module: "stdlib", ranges: [["0", "1.26.1"]] },
]);
const versions = ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"];
const blocking = [{ pattern: "*", action: "allow", blockVulnerable: true }];

test("serve passes a folder on as the vulnerability database, whole and compressed", async () => {
  await using folder = await tempDir("vulndb");
  await writeVulndb(folder.path, files);
  await using modgate = await ModgateProcess.start({ config: { upstream: "off", vulndb: { source: folder.path } } });
  for (const [file, text] of files) {
    const plain = await httpGet(modgate.url, `/vulndb/${file}`);
    assert.deepEqual([plain.status, plain.body.toString()], [200, text], file);
    const { status, headers, body } = await httpGet(modgate.url, `/vulndb/${file}.gz`);
    assert.deepEqual([status, headers["content-type"]], [200, "application/gzip"]);
    assert.equal(gunzipSync(body).toString(), text);
  }
  assert.equal((await httpGet(modgate.url, "/vulndb/ID/GO-2026-9999.json")).status, 404);
  assert.equal((await httpGet(modgate.url, "/vulndb/../pins")).status, 400);
  await using none = await ModgateProcess.start({ config: { upstream: "off" } });
  const { status, body } = await httpGet(none.url, "/vulndb/index/db.json");
  assert.equal(status, 404);
  assert.match(body.toString(), /has no vulnerability database.*vulndb: \{source: /s);
});

test("blockVulnerable refuses versions that a later one fixes, names entry and fix, and lets their go.mod through", async () => {
  const toolchain: ModuleSource = { path: "golang.org/toolchain", version: "v0.0.1-go1.26.0.linux-amd64" };
  await using upstream = await UpstreamServer.start({ tree: await moduleTree([...versions.map(lib), toolchain]) });
  await using mirror = await UpstreamServer.start({
    responders: [
      {
        answer: (asked) => {
          const text = files.get(asked.slice(1));
          return text === undefined ? null : { body: Buffer.from(text), contentType: "application/json" };
        },
      },
    ],
  });
  const start = (more: object): Promise<ModgateProcess> =>
    ModgateProcess.start({
      config: {
        upstream: "main",
        upstreams: { main: { url: upstream.url } },
        vulndb: { source: mirror.url },
        rules: blocking,
        ...more,
      },
    });
  {
    await using modgate = await start({});
    const get = async (file: string): Promise<string> => {
      const { status, body } = await httpGet(modgate.url, `/${path}/@v/${file}`);
      return `${status} ${body.toString()}`;
    };
    // Nothing fixes what v1.3.0 has, so it is served.
    assert.equal(await get("list"), "200 v1.0.0\nv1.3.0\n");
    for (const file of ["v1.1.0.info", "v1.1.0.zip", "v1.2.0.zip"]) {
      assert.match(
        await get(file),
        /^403 .*has a known vulnerability.*blocks those: GO-2026-0001 \(Parse never ends\), fixed in v1\.3\.0\nhelp: take example\.com\/lib@v1\.3\.0 or later\n.*\(VERSION_VULNERABLE\)/s,
      );
    }
    assert.match(await get("v1.1.0.mod"), /^200 module/, "the graphs of builds that use another version read it");
    const old = await httpGet(modgate.url, `/${toolchain.path}/@v/${toolchain.version}.zip`);
    assert.match(old.body.toString(), /help: take go1\.26\.1 or later/);
    await using go = await goCommand({ GOPROXY: modgate.url });
    const refused = await go.run(["mod", "download", `${path}@v1.2.0`]);
    assert.match(refused.stderr, /GO-2026-0001 \(Parse never ends\), fixed in v1\.3\.0/);
  }
  {
    await using modgate = await start({ vulndb: { source: mirror.url, accepted: ["CVE-2026-1"] } });
    assert.equal((await httpGet(modgate.url, `/${path}/@v/v1.2.0.zip`)).status, 200);
  }
  mirror.fail({ match: "*", fault: { kind: "status", status: 500 } });
  await using modgate = await start({});
  const { status, body } = await httpGet(modgate.url, `/${path}/@v/v1.2.0.zip`);
  assert.equal(status, 502);
  assert.match(body.toString(), /Cannot tell whether example\.com\/lib has known vulnerabilities/);
});

test("govulncheck works with the database that serve passes on", async (t) => {
  await using folder = await tempDir("govulncheck");
  const bin = join(folder.path, "bin");
  await using go = await goCommand({ GOBIN: bin });
  // The program itself comes from where this machine has modules from.
  const [proxy = ""] = execFileSync("go", ["env", "GOPROXY"], { encoding: "utf8" }).trim().split(/[,|]/);
  const env = {
    GOPROXY: proxy,
    GOSUMDB: "off",
    SSL_CERT_FILE: process.env["SSL_CERT_FILE"],
    HTTPS_PROXY: process.env["HTTPS_PROXY"],
  };
  const installed =
    /^https?:/.test(proxy) &&
    (await go.run(["install", "golang.org/x/vuln/cmd/govulncheck@v1.9.0"], { env })).exitCode === 0;
  if (!installed || !existsSync(join(bin, "govulncheck"))) return t.skip("govulncheck cannot be had here");
  await writeVulndb(join(folder.path, "db"), files);
  await using upstream = await UpstreamServer.start({ tree: await moduleTree(versions.map(lib)) });
  await using modgate = await ModgateProcess.start({
    config: {
      upstream: "main",
      upstreams: { main: { url: upstream.url } },
      vulndb: { source: join(folder.path, "db") },
    },
  });
  const cwd = await go.project({
    goMod: `module main\n\ngo 1.21\n\nrequire ${path} v1.2.0\n`,
    goSum: (await moduleTree([lib("v1.2.0")])).goSum(),
    files: { "main.go": `package main\n\nimport "${path}"\n\nfunc main() { println(lib.Parse()) }\n` },
  });
  const downloaded = await go.run(["mod", "download"], { cwd, env: { GOPROXY: modgate.url } });
  assert.equal(downloaded.exitCode, 0, downloaded.stderr);
  const output = await go.exec(join(bin, "govulncheck"), ["-db", `${modgate.url}/vulndb`, "./..."], {
    cwd,
    env: { GOPROXY: modgate.url },
  });
  assert.equal(output.exitCode, 3, output.stderr);
  assert.match(output.stdout, /GO-2026-0001.*Fixed in: example\.com\/lib@v1\.3\.0/s);
});
