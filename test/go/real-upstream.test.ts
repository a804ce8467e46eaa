import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";

// A program of many small modules: about 200 requirements in its go.mod, 60 MB of zips.
const large = { path: "github.com/golangci/golangci-lint/v2", version: "v2.5.0" };
const leastModules = 100;
// A command in a sub-folder of a module: go probes every prefix of its path.
const command = { path: "rsc.io/pdf/pdfpasswd", module: "rsc.io/pdf", version: "v0.1.1" };

/** GOPROXY and GOSUMDB as the user of this machine has them. */
function goEnv(name: "GOPROXY" | "GOSUMDB"): string {
  return execFileSync("go", ["env", name], { encoding: "utf8" }).trim();
}

// What the operator's shell says about trust and HTTP proxies holds for the gateway as it does for go.
const network = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(?:SSL_CERT_|NODE_EXTRA_CA_CERTS$|HTTPS?_PROXY$|NO_PROXY$)/i.test(name),
  ),
) as Record<string, string>;

/** True where the first proxy of the list answers; else the test is skipped with what came instead. */
async function isReachable(t: TestContext, proxies: string): Promise<boolean> {
  const [first = ""] = proxies.split(/[,|]/);
  if (!/^https?:/.test(first)) {
    t.skip(`go env GOPROXY names no proxy first: ${first}`);
    return false;
  }
  try {
    const answer = await fetch(`${first}/${large.path}/@v/${large.version}.info`, {
      signal: AbortSignal.timeout(15_000),
    });
    await answer.body?.cancel();
    if (answer.ok) return true;
    t.skip(`the upstream of go env GOPROXY answers ${answer.status}`);
  } catch (error) {
    t.skip(`the upstream of go env GOPROXY cannot be reached: ${error instanceof Error ? error.message : "?"}`);
  }
  return false;
}

test(`go downloads a real graph of at least ${leastModules} modules through serve, checksum database on`, async (t) => {
  const proxies = goEnv("GOPROXY");
  if (!(await isReachable(t, proxies))) return;
  const sumdb = goEnv("GOSUMDB");
  await using modgate = await ModgateProcess.start({ upstream: proxies, sumdb, env: network });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb });
  const name = `${large.path}@${large.version}`;
  const first = await go.run(["mod", "download", "-json", name]);
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  const { GoMod } = JSON.parse(first.stdout) as { GoMod: string };
  const goMod = (await readFile(GoMod, "utf8")).replace(/^module .*$/m, "module example.com/main");
  const cwd = await go.project({ goMod });
  const cold = await go.run(["mod", "download", "-json"], { cwd, deadlineMs: 400_000 });
  const errors = cold.stdout.match(/^\t"Error": .*$/gm) ?? [];
  assert.ok(modgate.running, `modgate ended: ${modgate.stderr.slice(-2000)}`);
  assert.equal(cold.exitCode, 0, cold.stderr + errors.join("\n"));
  const modules = cold.stdout.match(/^\t"Zip": /gm)?.length ?? 0;
  t.diagnostic(`${modules} modules in ${Math.round(cold.tookMs)} ms`);
  assert.ok(modules >= leastModules, `${modules} modules`);
  const goSum = await readFile(join(cwd, "go.sum"), "utf8");
  const verify = await go.run(["mod", "verify"], { cwd });
  assert.equal(verify.stdout, "all modules verified\n", verify.stderr);

  await go.coldCache();
  const asked = modgate.accessLog.length;
  const warm = await go.run(["mod", "download"], { cwd, deadlineMs: 400_000 });
  assert.equal(warm.exitCode, 0, warm.stderr);
  assert.equal(await readFile(join(cwd, "go.sum"), "utf8"), goSum);
  const missed = modgate.accessLog.slice(asked).filter((line) => line["cache"] === "miss");
  assert.deepEqual(missed, [], "the second run comes from the cache");
  t.diagnostic(`warm in ${Math.round(warm.tookMs)} ms`);
});

test("go installs a command in a sub-folder of a real module through serve with notFound: [403]", async (t) => {
  const proxies = goEnv("GOPROXY");
  if (!(await isReachable(t, proxies))) return;
  const [first = ""] = proxies.split(/[,|]/);
  const sumdb = goEnv("GOSUMDB");
  const config = (notFound: readonly number[]): unknown => ({
    upstream: first,
    upstreams: { real: { url: first, notFound } },
  });
  await using mapped = await ModgateProcess.start({ sumdb, env: network, config: config([403]) });
  await using go = await goCommand({ GOPROXY: mapped.url, GOSUMDB: sumdb });
  for (const version of ["latest", command.version]) {
    await go.coldCache();
    const result = await go.run(["install", `${command.path}@${version}`]);
    assert.equal(result.exitCode, 0, result.stderr);
  }

  // The parent path, which go probes too, is no module: this upstream may say 403 where it means 404.
  const parent = `/${command.module.split("/")[0]}/@v/list`;
  const direct = await fetch(first + parent, { signal: AbortSignal.timeout(15_000) });
  await direct.body?.cancel();
  assert.equal((await httpGet(mapped.url, parent)).status, direct.status === 403 ? 404 : direct.status);
  if (direct.status !== 403)
    return t.diagnostic(`the upstream answers ${direct.status} to ${parent}, so nothing to map`);
  await using plain = await ModgateProcess.start({ sumdb, env: network, config: config([]) });
  const denied = await httpGet(plain.url, parent);
  assert.equal(denied.status, 403);
  assert.match(denied.body.toString(), /notFound: \[403\]/);
});
