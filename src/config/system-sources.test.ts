import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemSources } from "./system-sources.ts";

const hasGo = spawnSync("go", ["version"]).status === 0;

test("systemSources asks the real go command", { skip: hasGo ? false : "no go command" }, async () => {
  const { goEnv } = systemSources({});
  const answer = await goEnv("go");
  assert.equal(typeof answer.GOPROXY, "string");
  assert.ok("GONOSUMDB" in answer);
});

test("systemSources rejects a go command that is none, with node's own code", async () => {
  const { goEnv } = systemSources({});
  await assert.rejects(goEnv("modgate-no-such-command"), { code: "ENOENT" });
});

test("systemSources reads files: null for none, an error for a folder", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "modgate-config-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "a"), "text");
  const { readFile } = systemSources({});
  assert.equal(new TextDecoder().decode((await readFile(join(folder, "a"))) ?? undefined), "text");
  assert.equal(await readFile(join(folder, "b")), null);
  assert.equal(await readFile(join(folder, "a", "b")), null);
  await assert.rejects(readFile(folder), { code: "EISDIR" });
});
