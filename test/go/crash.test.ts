import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom, type Random } from "../../src/kernel/random.ts";
import { generateGraph } from "../testkit/generate-graph.ts";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import type { ModuleTree } from "../testkit/module-tree.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const kills = process.env["MODGATE_DEEP"] ? 60 : 3;
const modules = 200;
const clients = 12;

test(`kill -9 at ${kills} random points of ${modules} downloads leaves every visible file whole`, async (t) => {
  const seed = Number(process.env["MODGATE_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const { tree } = await generateGraph({ modules, seed, zipBytes: 40_000 });
  await using upstream = await UpstreamServer.start({ tree });
  // In pieces, so that many files are half written at any moment.
  upstream.fail({ match: "*.zip", fault: { kind: "drip", chunkBytes: 12_000, everyMs: 3 } });
  const paths = shuffled(
    tree.versions.flatMap(({ path }) => ["info", "mod", "zip"].map((end) => `/${path}/@v/v1.0.0.${end}`)),
    random,
  );
  let visible = 0;
  for (let kill = 0; kill < kills; kill++) {
    await using folder = await tempDir("crash");
    visible += await oneCrash({ tree, upstream, paths, data: folder.path, random });
    await checkAfterRestart({ tree, upstream, paths, data: folder.path });
  }
  t.diagnostic(`${visible} files were visible after ${kills} kills`);
  assert.ok(visible > 0, "some downloads had ended before a kill");
});

interface Scene {
  readonly tree: ModuleTree;
  readonly upstream: UpstreamServer;
  readonly paths: readonly string[];
  readonly data: string;
}

async function oneCrash({ tree, upstream, paths, data, random }: Scene & { random: Random }): Promise<number> {
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, data });
  const killAfter = Math.floor(random() * paths.length * 0.9);
  const pauseMs = random() * 4;
  const answered = new Set<string>();
  let next = 0;
  let isDead = false;
  const client = async (): Promise<void> => {
    while (!isDead && next < paths.length) {
      const path = paths[next++] ?? "";
      const answer = await httpGet(modgate.url, path).catch(() => null);
      // Whoever was killed in the middle of an answer may be seen as any failure; a whole answer must be right.
      if (answer?.status === 200) {
        assert.deepEqual(answer.body, tree.answer(path)?.body, path);
        answered.add(path);
      }
      if (answered.size >= killAfter && !isDead) {
        isDead = true;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        await modgate.kill9();
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  if (modgate.running) await modgate.kill9();
  return checkVisible(tree, join(data, "cache"));
}

/** Every file that a GOPROXY=file:// client could see is whole and equals the tree's; gives their number. */
async function checkVisible(tree: ModuleTree, cache: string): Promise<number> {
  const entries = await readdir(cache, { recursive: true, withFileTypes: true }).catch(() => []);
  let count = 0;
  for (const entry of entries.filter((file) => file.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const answer = tree.answer(path.slice(cache.length));
    assert.ok(answer, `${path.slice(cache.length)} is in the cache and nobody asked for it`);
    assert.deepEqual(await readFile(path), answer.body, path);
    count++;
  }
  return count;
}

async function checkAfterRestart({ tree, upstream, paths, data }: Scene): Promise<void> {
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, data });
  const rest = [...paths];
  const client = async (): Promise<void> => {
    for (let path = rest.pop(); path !== undefined; path = rest.pop()) {
      const answer = await httpGet(modgate.url, path);
      assert.equal(answer.status, 200, `${path}: ${answer.body.toString()}`);
      assert.deepEqual(answer.body, tree.answer(path)?.body, path);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  assert.equal(await modgate.stop(), 0, modgate.stderr);
  assert.equal(await checkVisible(tree, join(data, "cache")), paths.length, "everything is in the cache in the end");
}

test("the cache folder works as GOPROXY=file:// for the real go", async () => {
  const { tree, main } = await generateGraph({ modules: 20 });
  await using folder = await tempDir("file-proxy");
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, data: folder.path });
  await using go = await goCommand();
  const cwd = await go.project(main);
  const through = await go.run(["mod", "download"], { cwd, env: { GOPROXY: modgate.url } });
  assert.equal(through.exitCode, 0, through.stderr);
  assert.equal(await modgate.stop(), 0);
  await go.coldCache();
  const fromFiles = await go.run(["mod", "download"], { cwd, env: { GOPROXY: `file://${folder.path}/cache` } });
  assert.equal(fromFiles.exitCode, 0, fromFiles.stderr);
});

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
