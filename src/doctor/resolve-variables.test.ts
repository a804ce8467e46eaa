import assert from "node:assert/strict";
import { copyFile, link, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { goCommand } from "../../test/testkit/go-command.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { runsOf, testSeed } from "../../test/testkit/test-seed.ts";
import { systemClock } from "../kernel/clock.ts";
import { type Random, seededRandom } from "../kernel/random.ts";
import { processGroups } from "../upstream/process-group.ts";
import { goVariables } from "./go-variables.ts";
import { askGoFacts, readGoSources } from "./read-go-sources.ts";
import { type ResolvedVariable, resolveVariables } from "./resolve-variables.ts";

// What `go env` prints of the others is not what has an effect: see the test about idle lines.
const printed = goVariables.filter(({ name, scope }) => scope === "go" || name === "GOENV").map(({ name }) => name);
const signal = AbortSignal.timeout(120_000);

test("resolveVariables gives what `go env -json` gives, in random places and combinations of them", async (t) => {
  const random = seededRandom(testSeed(t));
  await using go = await goCommand();
  await using folder = await tempDir("doctor");
  const binary = (await go.exec("sh", ["-c", "command -v go"])).stdout.trim();
  const run = processGroups(systemClock);
  const environment = { PATH: process.env["PATH"] ?? "" };
  const real = (await askGoFacts({ binary, run, environment, cwd: folder.path }, signal)) ?? assert.fail("no go");
  // Copied once, before anything is started: a program that is being written cannot be run. Linked into worlds.
  const copied = join(folder.path, "go");
  await copyFile(join(real.GOROOT, "bin/go"), copied);
  const runs = runsOf({ usual: 300, deep: 4000 });
  const refusals: string[] = [];
  const one = async (number: number): Promise<void> => {
    const world = await makeWorld(join(folder.path, String(number)), random, { binary, copied });
    const { command, environment, cwd } = world;
    const asked = await run({ command, args: ["env", "-json", ...printed], cwd, environment }, signal);
    const label = `combination ${number}: ${JSON.stringify({ environment, cwd, files: world.files }, null, 2)}`;
    if (asked.exitCode !== 0) {
      refusals.push(`${label}\n${asked.stderr}`);
      return;
    }
    const want = JSON.parse(asked.stdout) as Record<string, string>;
    const desk = { binary: command, run, environment, cwd };
    // A copy has another GOROOT, in every world; the real one is the same in all.
    const facts = command === binary ? real : await askGoFacts(desk, signal);
    assert.ok(facts);
    const resolved = resolveVariables(await readGoSources(desk, facts, process.platform));
    const got = Object.fromEntries(printed.map((name) => [name, resolved.get(name)?.value]));
    assert.deepEqual(got, want, label);
    for (const variable of resolved.values()) await checkPlaces(variable, cwd, label);
  };
  // Worlds are made one after the other, so that a seed gives the same ones; go runs in two processes at a time.
  const numbers = Array.from({ length: runs }, (_, index) => index);
  for (let start = 0; start < runs; start += 2) await Promise.all(numbers.slice(start, start + 2).map(one));
  t.diagnostic(`${runs} combinations of ${printed.length} variables, ${refusals.length} that go refuses`);
  assert.deepEqual(refusals, []);
});

test("a line for a variable that go reads from the process alone is idle, whatever `go env` prints of it", async () => {
  await using go = await goCommand();
  await using folder = await tempDir("doctor");
  const file = join(folder.path, "env");
  await writeFile(file, "HTTPS_PROXY=http://127.0.0.1:1\nGOENV=/elsewhere\n");
  const environment = { PATH: process.env["PATH"] ?? "", HOME: folder.path, GOENV: file, https_proxy: "http://low" };
  const asked = await go.run(["env", "HTTPS_PROXY"], { env: environment });
  assert.equal(asked.stdout, "http://127.0.0.1:1\n", "go env believes the file");
  const desk = { environment, cwd: folder.path };
  const resolved = resolveVariables(await readGoSources(desk, { GOROOT: "", GOOS: "", GOARCH: "" }, "linux"));
  const proxy = resolved.get("HTTPS_PROXY") ?? assert.fail();
  assert.deepEqual([proxy.value, proxy.origin.text], ["http://low", "https_proxy"]);
  assert.deepEqual(proxy.idle, [{ value: "http://127.0.0.1:1", origin: { kind: "user file", text: file, line: 1 } }]);
  assert.equal(resolved.get("GOENV")?.idle[0]?.origin.line, 2);
});

interface World {
  readonly command: string;
  readonly environment: Record<string, string>;
  readonly cwd: string;
  /** Paths to contents. */
  readonly files: Readonly<Record<string, string>>;
}

// A value that stands in a file is that line of it, and everything it shadows is too.
async function checkPlaces({ value, origin, shadowed }: ResolvedVariable, cwd: string, label: string): Promise<void> {
  for (const placed of [{ value, origin }, ...shadowed]) {
    const { text, line, kind } = placed.origin;
    if (line === null) {
      assert.ok(kind === "environment" || kind === "default", label);
      continue;
    }
    const row = (await readFile(resolve(cwd, text), "utf8")).split("\n")[line - 1] ?? "";
    // What go makes of these is not what is written: a cleaned path, or off for a relative one.
    const isRight = row.slice(row.indexOf("=") + 1) === placed.value || /^(GOROOT|GOCACHE|GOWORK)=/.test(row);
    assert.ok(isRight, `${JSON.stringify(placed)}\n${label}`);
  }
}

/** Files, environment and folder of one run, drawn all at once before anything is awaited that others draw in. */
async function makeWorld(root: string, random: Random, go: { binary: string; copied: string }): Promise<World> {
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const home = join(root, "home");
  const ownRoot = join(root, "goroot");
  const otherRoot = join(root, "other//goroot/");
  const cwd = pick([join(root, "outside"), join(root, "work/inside")]);
  const environment: Record<string, string> = { PATH: dirname(go.binary) };
  if (chance(0.9)) environment["HOME"] = pick([home, home, home, "rel/home"]);
  if (chance(0.25)) environment["XDG_CONFIG_HOME"] = pick([join(root, "xdg"), "relative"]);
  if (chance(0.25)) environment["XDG_CACHE_HOME"] = pick([join(root, "cache"), "relative"]);
  if (chance(0.35)) environment["GOENV"] = pick(["off", join(root, "env"), join(root, "missing"), "env", ""]);
  const values = valuesOf(root, [ownRoot, otherRoot]);
  const write = (share: number): string => {
    const lines: string[] = [];
    for (const name of Object.keys(values)) {
      while (chance(share)) lines.push(`${name}=${chance(0.15) ? "" : pick(values[name] ?? [])}`);
    }
    for (const junk of junkLines) if (chance(0.1)) lines.push(junk);
    for (let end = lines.length - 1; end > 0; end--) {
      const other = Math.floor(random() * (end + 1));
      [lines[end], lines[other]] = [lines[other] ?? "", lines[end] ?? ""];
    }
    return lines.join("\n") + (chance(0.8) ? "\n" : "");
  };
  for (const name of Object.keys(values)) {
    if (chance(0.2)) environment[name] = chance(0.2) ? "" : pick(values[name] ?? []);
  }
  const files: Record<string, string> = { [join(root, "work/go.work")]: "go 1.21\n" };
  for (const path of [join(home, ".config/go/env"), join(root, "xdg/go/env"), join(root, "env"), join(cwd, "env")]) {
    if (chance(0.7)) files[path] = write(0.25);
  }
  files[join(cwd, "rel/home/.config/go/env")] = write(0.2);
  for (const path of [ownRoot, join(root, "other/goroot")]) if (chance(0.8)) files[join(path, "go.env")] = write(0.25);
  const isCopied = chance(0.1);
  for (const path of [cwd, home, join(ownRoot, "pkg/tool"), join(ownRoot, "bin"), join(root, "other/goroot")]) {
    await mkdir(path, { recursive: true });
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const copy = join(ownRoot, "bin/go");
  if (isCopied) await link(go.copied, copy);
  return { command: isCopied ? copy : go.binary, environment, cwd, files };
}

const junkLines = [
  "export GOPROXY=https://export.test",
  " GOPROXY=https://blank.test",
  "GOPROXY = https://spaced.test",
  "#GOPROXY=https://comment.test",
  "goproxy=https://low.test",
  "\uFEFFGOPROXY=https://mark.test",
  "GOPROXY",
  "=x",
  "",
  "NOSUCH=1",
  "GOENV=/elsewhere",
  "HTTP_PROXY=http://idle.test",
];

function valuesOf(root: string, roots: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const patterns = ["corp.test", "*.corp.test,git.test/x", "a, b", "x/...", "none", " "];
  return {
    GOPROXY: [
      "https://one.test,direct",
      "off",
      "direct",
      '"https://quoted.test"',
      "https://cr.test\r",
      "https://b.test ",
      ",",
    ],
    GOPRIVATE: patterns,
    GONOPROXY: patterns,
    GONOSUMDB: patterns,
    GOINSECURE: patterns,
    GOSUMDB: ["off", "sum.golang.org", "sum.test+00000000+AAAA https://sum.test"],
    GOVCS: ["public:git,private:all", "*:off"],
    GOAUTH: ["off", "netrc", "git /x;netrc", "command --flag"],
    GOFLAGS: ["-mod=mod", "-modcacherw -x", "not-a-flag", "'open"],
    GO111MODULE: ["on", "off", "auto"],
    GOWORK: ["off", "auto", join(root, "work/go.work"), join(root, "nowhere/go.work")],
    GOTOOLCHAIN: ["local", "auto", "path", "local+auto"],
    GOROOT: roots,
    GOPATH: [join(root, "gopath"), `${join(root, "a")}:${join(root, "b")}`, `${join(root, "slash")}/`],
    GOMODCACHE: [join(root, "mod"), "relative/mod"],
    GOCACHE: [join(root, "build"), "off", "relative"],
    GOOS: ["linux", "windows", "darwin"],
    GOARCH: ["amd64", "arm64"],
  };
}
