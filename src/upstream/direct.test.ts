import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { gitOrigin, type RepoBehaviour } from "../../test/testkit/git-origin.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { askFor, bodyText, nodeDiskForTests, testChain, until, upstreamConfig } from "../../test/testkit/test-chain.ts";
import { parseInfo } from "../gomod/info.ts";
import { Problem } from "../kernel/problem.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import { createDirect, type Direct, type DirectParts } from "./direct.ts";
import { processGroups } from "./process-group.ts";

const never = new AbortController().signal;
const module = "git.example.test/mod";

const origin = await gitOrigin();
test.after(() => origin[Symbol.asyncDispose]());
await origin.commit("mod", { "go.mod": `module ${module}\n\ngo 1.21\n`, "m.go": "package mod\n" }, ["v1.0.0"]);
await origin.commit("mod", { "m.go": "package mod\n\nconst Two = 2\n" }, ["v1.1.0"]);
await origin.commit("mod", { "m.go": "package mod\n\nconst Three = 3\n" });
await origin.commit("bare", { "go.mod": "module git.example.test/bare\n", "b.go": "package bare\n" });

/** The `go` runner in a folder of its own, with every `go` command it runs written down. */
async function rig(parts: Partial<DirectParts> = {}) {
  const folder = await tempDir("direct");
  const clock = new FakeClock();
  const commands: string[] = [];
  const run = processGroups(clock);
  const direct = createDirect({
    folder: join(folder.path, "direct"),
    goBinary: "go",
    environment: origin.environment,
    concurrency: 2,
    timeoutMs: 60_000,
    disk: nodeDiskForTests,
    clock,
    ...parts,
    run: (request, signal) => {
      commands.push(request.args.join(" "));
      return run(request, signal);
    },
  });
  const chain = await testChain([upstreamConfig("direct", { name: "direct" })], { clock, direct });
  return {
    clock,
    commands,
    direct,
    folder: join(folder.path, "direct"),
    get: async (ask: UpstreamAsk, signal = never): Promise<string> => {
      const result = await chain.fetch(ask, bodyText, signal);
      return result.kind === "found" ? result.value : result.kind;
    },
    async [Symbol.asyncDispose]() {
      await chain.close();
      await direct.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("direct serves list, latest, info, mod and zip of a module in version control", async () => {
  await using go = await rig();
  assert.equal(await go.get(askFor("list", { module })), "v1.0.0\nv1.1.0\n");
  assert.equal(parseInfo(Buffer.from(await go.get(askFor("latest", { module }))), null).version, "v1.1.0");
  const info = await go.get(askFor("info", { module, version: "v1.0.0" }));
  assert.equal(parseInfo(Buffer.from(info), "v1.0.0").time, "2024-01-01T00:00:00Z");
  assert.match(info, /"Origin":\{"VCS":"git"/);
  assert.equal(await go.get(askFor("mod", { module })), `module ${module}\n\ngo 1.21\n`);
  assert.match(await go.get(askFor("zip", { module })), /^PK/);
  assert.equal(await go.get(askFor("list", { module: "git.example.test/bare" })), "");
});

test("direct answers a branch, a commit and a version prefix with the version that they mean", async () => {
  await using go = await rig();
  for (const [version, want] of [
    ["main", /"v1\.1\.1-0\.20240101000000-[0-9a-f]{12}"/],
    ["v1.0", /"v1\.0\.0"/],
    ["latest", /"v1\.1\.0"/],
  ] as const) {
    const info = await go.get(askFor("info", { module, version }));
    assert.match(info, want);
    assert.match(info, /"Origin":/);
  }
});

test("direct never downloads a zip for info or mod, and both come from one run", async () => {
  await using go = await rig();
  await Promise.all([go.get(askFor("mod", { module })), go.get(askFor("info", { module }))]);
  await go.get(askFor("mod", { module }));
  assert.deepEqual(go.commands, [`list -m -json ${module}@v1.0.0`]);
  const files = await readdir(join(go.folder, "mod/cache/download", module, "@v"));
  assert.deepEqual(
    files.filter((name) => name.endsWith(".zip")),
    [],
  );
});

test("direct gives info and mod the bytes that go wrote, and keeps no unpacked copy of a zip", async () => {
  await using go = await rig();
  const zip = await go.get(askFor("zip", { module }));
  const cached = join(go.folder, "mod/cache/download", module, "@v/v1.0.0");
  assert.equal(zip, (await readFile(`${cached}.zip`)).toString());
  assert.equal(await go.get(askFor("info", { module })), await readFile(`${cached}.info`, "utf8"));
  assert.equal(existsSync(join(go.folder, "mod/git.example.test/mod@v1.0.0")), false);
  assert.equal(go.commands.length, 1, "the download brought all three");
});

test("direct forgets a version after a minute, so that version control is asked again", async () => {
  await using go = await rig();
  await go.get(askFor("zip", { module }));
  const folder = join(go.folder, "mod/cache/download", module, "@v");
  assert.ok((await readdir(folder)).includes("v1.0.0.zip"));
  await go.clock.advance(60_000);
  for (let left = ["v1.0.0"]; left.length > 0;)
    left = (await readdir(folder)).filter((name) => name.startsWith("v1.0.0."));
  await go.get(askFor("mod", { module }));
  assert.equal(go.commands.length, 2);
});

test("direct tells what is proved absent from what is refused and what cannot be reached", async () => {
  const absent: [Partial<UpstreamAsk>, "info" | "list" | "zip" | "latest"][] = [
    [{ module, version: "v9.9.9" }, "info"],
    [{ module, version: "v9.9.9" }, "zip"],
    [{ module, version: "nope" }, "info"],
    [{ module, version: "v2" }, "info"],
    [{ module: `${module}/v2`, version: "v2.0.0" }, "info"],
    [{ module: "git.example.test/none" }, "list"],
    [{ module: "git.example.test/none" }, "latest"],
  ];
  await using go = await rig();
  for (const [ask, endpoint] of absent) {
    await assert.rejects(go.get(askFor(endpoint, ask)), { code: "MODULE_ABSENT" }, JSON.stringify([ask, endpoint]));
  }
  const behaviours: [RepoBehaviour, string][] = [
    ["unauthorized", "UPSTREAM_DENIED"],
    ["forbidden", "UPSTREAM_DENIED"],
    ["missing", "UPSTREAM_DENIED"],
    ["failing", "UPSTREAM_UNREACHABLE"],
  ];
  for (const [behaviour, code] of behaviours) {
    origin.behave(behaviour, behaviour);
    const error = await go
      .get(askFor("info", { module: `git.example.test/${behaviour}` }))
      .catch((error: unknown) => error);
    assert.ok(error instanceof Problem);
    assert.equal(error.code, code, error.message);
    assert.doesNotMatch(error.hint, /upstream's answer/);
  }
});

test("notFound: [403] on direct makes absence of what version control refuses", async () => {
  origin.behave("secret", "missing");
  await using go = await rig();
  await using chain = await testChain([upstreamConfig("direct", { notFound: [403] })], { direct: go.direct });
  await assert.rejects(chain.fetch(askFor("info", { module: "git.example.test/secret" }), bodyText, never), {
    code: "MODULE_ABSENT",
  });
});

test("direct is not asked for the checksum database", async () => {
  await using go = await rig();
  await assert.rejects(go.get(askFor("sumdb", { module: null })), {
    code: "UPSTREAM_UNREACHABLE",
    message: /no upstream of the chain/,
  });
  assert.deepEqual(go.commands, []);
});

test("direct runs at most so many go processes at once, and those who ask the same share one", async () => {
  const runs: { args: string; end: () => void }[] = [];
  const folder = await tempDir("direct");
  const direct: Direct = createDirect({
    folder: join(folder.path, "direct"),
    goBinary: "go",
    environment: {},
    concurrency: 2,
    timeoutMs: 1000,
    disk: nodeDiskForTests,
    clock: new FakeClock(),
    run: (request) =>
      new Promise((resolve) => {
        const end = (): void => resolve({ exitCode: 0, stdout: '{"Versions":["v1.0.0"]}', stderr: "" });
        runs.push({ args: request.args.join(" "), end });
      }),
  });
  const ask = (name: string) => direct.answer({ ...askFor("list"), module: name }, never);
  const all = [ask("m.test/a"), ask("m.test/a"), ask("m.test/b"), ask("m.test/c")];
  await until(() => runs.length === 2);
  await new Promise((resolve) => void setImmediate(resolve));
  assert.deepEqual(
    runs.map(({ args }) => args.split(" ").at(-1)),
    ["m.test/a", "m.test/b"],
  );
  runs[0]?.end();
  await until(() => runs.length === 3);
  for (const run of runs) run.end();
  assert.deepEqual(
    (await Promise.all(all)).map((answer) => answer.kind),
    ["found", "found", "found", "found"],
  );
  await folder[Symbol.asyncDispose]();
});

/** A `go` that starts a child and waits for ever; gives the path where the child's id is written. */
async function hangingGo(folder: string): Promise<{ goBinary: string; childFile: string }> {
  const goBinary = join(folder, "go");
  const childFile = join(folder, "child");
  await writeFile(
    goBinary,
    `#!/bin/sh\nsleep 1000 &\necho $! > '${childFile}.tmp'\nmv '${childFile}.tmp' '${childFile}'\nwait\n`,
  );
  await chmod(goBinary, 0o755);
  return { goBinary, childFile };
}

function isRunning(pid: string): boolean {
  const states = execFileSync("ps", ["-A", "-o", "pid=,stat="]).toString().split("\n");
  return states.some((line) => line.trim().startsWith(`${pid} `) && !line.trim().split(/\s+/)[1]?.startsWith("Z"));
}

test("direct kills go with its whole process group at the deadline, as 504", async () => {
  await using folder = await tempDir("hang");
  const { goBinary, childFile } = await hangingGo(folder.path);
  await using go = await rig({ goBinary, timeoutMs: 5000 });
  const ended = go.get(askFor("info", { module })).catch((error: unknown) => error);
  await until(() => existsSync(childFile));
  const child = (await readFile(childFile, "utf8")).trim();
  assert.equal(isRunning(child), true);
  await go.clock.advance(5000);
  const problem = await ended;
  assert.ok(problem instanceof Problem);
  assert.deepEqual([problem.code, problem.status], ["UPSTREAM_UNREACHABLE", 504]);
  assert.match(problem.tried[0] ?? "", /^direct: no end of go within 5 s/);
  await until(() => !isRunning(child));
});

test("direct kills go when nobody waits for it any more", async () => {
  await using folder = await tempDir("hang");
  const { goBinary, childFile } = await hangingGo(folder.path);
  await using go = await rig({ goBinary });
  const caller = new AbortController();
  const ended = go.get(askFor("info", { module }), caller.signal);
  await until(() => existsSync(childFile));
  const child = (await readFile(childFile, "utf8")).trim();
  caller.abort(new Error("gone"));
  await assert.rejects(ended, /gone/);
  await until(() => !isRunning(child));
});

test("direct without a go command is unreachable, and says what to do", async () => {
  await using go = await rig({ goBinary: "no-such-go" });
  await assert.rejects(go.get(askFor("info", { module })), { code: "UPSTREAM_UNREACHABLE", hint: /install go/ });
});

test("direct gives go the operator's environment, and over it what makes the run its own", async () => {
  await using folder = await tempDir("env");
  const goBinary = join(folder.path, "go");
  const seen = join(folder.path, "seen");
  await writeFile(goBinary, `#!/bin/sh\nenv > '${seen}'\nexit 1\n`);
  await chmod(goBinary, 0o755);
  const environment = {
    PATH: process.env["PATH"] ?? "",
    NETRC: "/n",
    GOPROXY: "https://p.test",
    GIT_SSH_COMMAND: "ssh -i key",
  };
  await using go = await rig({ goBinary, environment });
  await assert.rejects(go.get(askFor("info", { module })));
  const lines = (await readFile(seen, "utf8")).split("\n");
  const wanted = [
    "NETRC=/n",
    "GOPROXY=direct",
    "GOSUMDB=off",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_SSH_COMMAND=ssh -i key",
    "GOFLAGS=-modcacherw -mod=mod",
    `GOMODCACHE=${go.folder}/mod`,
  ];
  for (const line of wanted) assert.ok(lines.includes(line), line);
  assert.equal(
    lines.some((line) => line.startsWith("HOME=")),
    false,
    "nothing of the gateway's own environment",
  );
});
