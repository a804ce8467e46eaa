import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkGolden } from "../testkit/golden.ts";
import { binFolder, type Cli, cli, transcript } from "../testkit/run-cli.ts";

const clean = `listen: [127.0.0.1:8080]
upstream: corp,https://proxy.corp.example,direct
upstreams:
  corp: {url: "https://user:hunter2@go.corp.example", notFound: [403], private: true}
private: [git.corp.example]
cache: {ttl: 2m}
`;
const wrong = `listen: [here]
upstrem: https://proxy.corp.example
cache:
  ttl: soon
rules:
  - {pattern: "^github.com/.*\\\\.zip$", action: deny}
`;

async function written(place: Cli): Promise<void> {
  await writeFile(join(place.folder, "clean.yaml"), clean);
  await writeFile(join(place.folder, "wrong.yaml"), wrong);
}

test("modgate config prints values, their origins and findings, and no secret", async () => {
  await using place = await cli();
  await written(place);
  const env = { MODGATE_CACHE_TTL: "3m", MODGATE_DATA: "/srv/modgate" };
  const runs = await Promise.all([
    place.run(["config", "explain", "--config", "clean.yaml", "--listen", ":9000"], env),
    place.run(["config", "explain", "cache.ttl", "--config", "clean.yaml", "--cache-ttl", "4m"], env),
    place.run(["config", "explain", "cache.ttl", "--config", "clean.yaml", "--json"], env),
    place.run(["config", "explain", "cache.tlt"], env),
    place.run(["config", "explain", "--config", "nowhere.yaml"], env),
    place.run(["config", "check", "--config", "clean.yaml"], env),
    place.run(["config", "check"], env),
    place.run(["config", "check", "--config", "wrong.yaml"], env),
    place.run(["config", "check", "--config", "wrong.yaml", "--json"], env),
    place.run(["serve", "--config", "wrong.yaml"], env),
  ]);
  const page = runs.map((run) => transcript(run, { FOLDER: place.folder })).join("\n");
  assert.doesNotMatch(page, /hunter2/);
  await checkGolden("cli/config.txt", page);
});

test("modgate config check takes colour from --color, FORCE_COLOR and NO_COLOR, and writes none into a pipe", async () => {
  await using place = await cli();
  await written(place);
  const runs: [args: string[], env: Record<string, string>, want: boolean][] = [
    [[], {}, false],
    [[], { FORCE_COLOR: "1" }, true],
    [[], { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    [[], { NO_COLOR: "1" }, false],
    [["--color", "always"], { NO_COLOR: "1" }, true],
    [["--color", "never"], { FORCE_COLOR: "1" }, false],
  ];
  await Promise.all(
    runs.map(async ([args, env, want]) => {
      const { stdout } = await place.run(["config", "check", "--config", "wrong.yaml", ...args], env);
      assert.equal(stdout.includes("\u001b["), want, JSON.stringify([args, env]));
    }),
  );
});

test("modgate config schema ends quietly where its reader has gone", async () => {
  await using place = await cli();
  await writeFile(join(place.folder, "closed.sh"), 'modgate config schema | true\nexit "${PIPESTATUS[0]}"\n');
  const ran = spawnSync("bash", ["closed.sh"], {
    cwd: place.folder,
    env: { PATH: `${binFolder}:${process.env["PATH"]}`, HOME: place.folder },
    encoding: "utf8",
  });
  assert.deepEqual([ran.status, ran.stderr], [0, ""]);
});
