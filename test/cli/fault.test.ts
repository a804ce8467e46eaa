import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { binFolder, cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Started extends AsyncDisposable {
  readonly url: string;
  readonly controlUrl: string;
  readonly caPem: string | null;
}

/** `modgate fault` as a process of its own. */
async function fault(...args: string[]): Promise<Started> {
  const child = spawn(join(binFolder, "modgate"), ["fault", "--json", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended])) as [string];
  return {
    ...(JSON.parse(line) as Pick<Started, "url" | "controlUrl" | "caPem">),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const list = "/example.com/a/@v/list";
const zip = "/example.com/a/@v/v1.0.0.zip";

test("modgate fault passes everything on, and spoils what it is told to, while it runs", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using proxy = await fault("--target", upstream.url, "--seed", "7");
  const set = async (faults: readonly string[], path: string | null = null): Promise<number> => {
    const { status } = await fetch(proxy.controlUrl, { method: "PUT", body: JSON.stringify({ faults, path }) });
    return status;
  };
  const right = tree.get("example.com/a", "v1.0.0").zip;
  const passed = await httpGet(proxy.url, zip);
  assert.deepEqual([passed.status, passed.body, passed.headers["content-type"]], [200, right, "application/zip"]);
  assert.equal((await httpGet(proxy.url, "/example.com/none/@v/list")).status, 404);

  assert.equal(await set(["status=503"], "*.zip"), 200);
  assert.equal((await httpGet(proxy.url, zip)).status, 503);
  assert.equal((await httpGet(proxy.url, list)).status, 200);
  assert.deepEqual(await (await fetch(proxy.controlUrl)).json(), { faults: ["status=503"], path: "*.zip" });
  await set(["bad-zip"]);
  const bad = await httpGet(proxy.url, zip);
  assert.deepEqual([bad.status, bad.body.length, bad.body.equals(right)], [200, right.length, false]);
  await set(["html-200"]);
  assert.match((await httpGet(proxy.url, list)).body.toString(), /^<!DOCTYPE html>/);
  for (const broken of ["reset", "truncate", "truncate=3"]) {
    await set([broken]);
    await assert.rejects(httpGet(proxy.url, zip), broken);
  }
  await set(["stall"]);
  await assert.rejects(
    fetch(`${proxy.url}${zip}`, { signal: AbortSignal.timeout(300) }).then((answer) => answer.bytes()),
  );
  await set(["latency=200ms"]);
  const startedAt = performance.now();
  assert.equal((await httpGet(proxy.url, list)).status, 200);
  assert.ok(performance.now() - startedAt >= 199);
  await set(["status=500", "rate=0.3"]);
  let hit = 0;
  for (let count = 0; count < 200; count++) if ((await httpGet(proxy.url, list)).status === 500) hit++;
  assert.ok(hit > 35 && hit < 90, `${hit} of 200 hit`);
  for (const wrong of [["tls-expired"], ["status=9"], ["latency"], "status=503"]) {
    assert.equal(await set(wrong as string[]), 400, JSON.stringify(wrong));
  }
});

test("modgate fault speaks TLS with a bad certificate, and under a name that nobody resolves", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using go = await goCommand();
  await using folder = await tempDir("fault");
  const said = async (kind: string): Promise<string> => {
    await using proxy = await fault("--target", upstream.url, "--fault", kind);
    const ca = join(folder.path, `${kind}.pem`);
    await writeFile(ca, proxy.caPem ?? "");
    const env = { GOPROXY: proxy.url, SSL_CERT_FILE: ca };
    const { exitCode, stderr } = await go.run(["mod", "download", "example.com/a@v1.0.0"], { env });
    assert.equal(exitCode, 1);
    return stderr;
  };
  assert.match(await said("tls-expired"), /certificate has expired or is not yet valid/);
  assert.match(await said("tls-wrong-name"), /cannot validate certificate for 127\.0\.0\.1/);
  assert.match(await said("dns"), /modgate-fault\.invalid/);
});

test("modgate fault says what is wrong with its words", async () => {
  await using place = await cli();
  const rows: [string[], RegExp][] = [
    [[], /A target is missing/],
    [["--target", "ftp://x"], /Cannot read --target "ftp:\/\/x"/],
    [["--target", "http://x", "--fault", "slow"], /Cannot read the fault "slow"\n {2}help: there are: latency=3500ms/],
    [["--target", "http://x", "--fault", "rate=2"], /Cannot read "rate=2" as a share of requests/],
    [["--target", "http://x", "--path", "[a"], /Cannot read --path "\[a" as a glob/],
  ];
  for (const [args, want] of rows) {
    const { exitCode, stderr } = await place.run(["fault", ...args]);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, want);
  }
});
