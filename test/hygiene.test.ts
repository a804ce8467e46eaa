import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { isLoopbackHost } from "../src/upstream/loopback.ts";

const root = join(import.meta.dirname, "..");

/** Every file that git knows of, with its text; null outside a checkout. */
function trackedFiles(t: TestContext): { name: string; text: string }[] | null {
  const listed = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  if (listed.status !== 0) {
    t.skip("this is no git checkout");
    return null;
  }
  const names = listed.stdout.split("\0").filter((name) => name !== "");
  const changed = execFileSync("git", ["ls-files", "-zd"], { cwd: root, encoding: "utf8" }).split("\0");
  return names
    .filter((name) => !changed.includes(name))
    .map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }));
}

test("no file names a package registry, of this machine or by default", (t) => {
  const files = trackedFiles(t);
  if (files === null) return;
  const hosts = new Set([...goProxies({}), ...goProxies({ GOENV: "off", GOPROXY: "" }), ...npmRegistries()]);
  t.diagnostic(`${hosts.size} hosts`);
  const findings = files.flatMap(({ name, text }) =>
    [...hosts].filter((host) => text.includes(host)).map((host) => `${name} names ${host}`),
  );
  assert.deepEqual(findings, []);
});

test("no file has a path of this machine", (t) => {
  const files = trackedFiles(t);
  if (files === null) return;
  // A path of one element, such as /work, may well stand in an example.
  const paths = [root, homedir()].filter((path) => path.split("/").length > 2 || path === "/root");
  const findings = files.flatMap(({ name, text }) =>
    paths.filter((path) => text.includes(`${path}/`)).map((path) => `${name} has ${path}`),
  );
  assert.deepEqual(findings, []);
});

function goProxies(env: Readonly<Record<string, string>>): string[] {
  const asked = spawnSync("go", ["env", "GOPROXY"], { env: { ...process.env, ...env }, encoding: "utf8" });
  return asked.status === 0 ? asked.stdout.trim().split(/[,|]/).flatMap(hostOf) : [];
}

function npmRegistries(): string[] {
  const named = Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name));
  const bare = {
    ...Object.fromEntries(named),
    npm_config_userconfig: "/dev/null",
    npm_config_globalconfig: "/dev/null",
  };
  return [process.env, bare].flatMap((env) => {
    const asked = spawnSync("npm", ["config", "get", "registry"], { cwd: "/", env, encoding: "utf8" });
    return asked.status === 0 ? hostOf(asked.stdout.trim()) : [];
  });
}

// Whoever runs a proxy on this machine, or under a name made for examples, gives nothing away.
function hostOf(text: string): string[] {
  const host = URL.parse(text)?.hostname ?? "";
  return host === "" || isLoopbackHost(host) || /(^|\.)(example|example\.(com|org|net))$/.test(host) ? [] : [host];
}
