import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { binFolder } from "../testkit/run-cli.ts";
import { type SettingTrap, settingTraps } from "../testkit/setting-traps.ts";
import { tempDir } from "../testkit/temp-dir.ts";

test("modgate doctor names each trap with its place and the rule, and the command that it gives mends it", async (t) => {
  await using go = await goCommand();
  await using folder = await tempDir("doctor");
  let runs = 0;
  const examine = async (trap: SettingTrap): Promise<void> => {
    const own = join(folder.path, `home-${++runs}`);
    await mkdir(own);
    for (const [name, text] of Object.entries(trap.files ?? {})) {
      await mkdir(dirname(join(own, name)), { recursive: true });
      await writeFile(join(own, name), text);
    }
    const env = { ...bare, PATH: process.env["PATH"], HOME: own, ...trap.env };
    const cwd = own;
    const before = await go.exec(join(binFolder, "modgate"), ["doctor", "--json"], { cwd, env });
    const label = `${trap.code} ${trap.what}\n${before.stdout}${before.stderr}`;
    assert.equal(before.exitCode, 1, label);
    assert.ok(!`${before.stdout}${before.stderr}`.includes("s3cret"), label);
    const finding = findingsOf(before.stdout).find(({ code }) => code === trap.code) ?? assert.fail(label);
    for (const name of trap.names) assert.ok(`${finding.place} ${finding.message}`.includes(name), `${name}\n${label}`);
    assert.ok(finding.rule.length > 40, label);
    if (typeof trap.help === "string") assert.equal(finding.help, trap.help, label);
    else assert.match(finding.help, trap.help, label);
    if (trap.isMended === false) return;
    const mended = await go.exec("sh", ["-c", `${finding.help}\nexec "$0" doctor --json`, join(binFolder, "modgate")], {
      cwd,
      env,
    });
    assert.ok(mended.stdout.startsWith("{"), `${label}\nafter ${finding.help}\n${mended.stderr}`);
    const left = findingsOf(mended.stdout).filter(({ code, place }) => code === trap.code && place === finding.place);
    assert.deepEqual(left, [], `${label}\nafter ${finding.help}\n${mended.stderr}`);
  };
  for (let start = 0; start < settingTraps.length; start += 2)
    await Promise.all(settingTraps.slice(start, start + 2).map(examine));
  t.diagnostic(`${settingTraps.length} traps`);
});

test("modgate doctor finds nothing where nothing is wrong, and says where each value is from", async () => {
  await using go = await goCommand();
  const cwd = await go.project({ goMod: "module m\n" });
  const env = { ...bare, HOME: cwd, GOENV: join(cwd, "env") };
  await writeFile(join(cwd, "env"), `GOPRIVATE=git.corp.example\nGOPROXY=${proxy},direct\n`);
  const { stdout, exitCode } = await go.exec(join(binFolder, "modgate"), ["doctor"], { cwd, env });
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /^GOPRIVATE +git\.corp\.example +~\/env:1$/m);
  assert.match(stdout, /^GONOPROXY +git\.corp\.example +default, from GOPRIVATE$/m);
  assert.match(stdout, /^GOPROXY +https:\/\/proxy\.corp\.example,direct +~\/env:2\n +hides \S+ +\S+go\.env:\d+$/m);
  assert.match(stdout, /nothing is wrong\n$/);
  assert.equal(await readFile(join(cwd, "env"), "utf8"), `GOPRIVATE=git.corp.example\nGOPROXY=${proxy},direct\n`);
});

test("modgate doctor without go says so, and reads the settings all the same", async () => {
  await using go = await goCommand();
  const env = { ...bare, GOPROXY: proxy };
  const args = ["doctor", "--json", "--go", "no-such-go"];
  const { stdout, exitCode } = await go.exec(join(binFolder, "modgate"), args, { env });
  assert.equal(exitCode, 1);
  assert.equal(findingsOf(stdout)[0]?.code, "MG1301");
  const { environment } = (JSON.parse(stdout) as { data: { environment: { name: string; value: string }[] } }).data;
  assert.equal(environment.find(({ name }) => name === "GOPROXY")?.value, proxy);
});

const proxy = "https://proxy.corp.example";

// What a test environment sets and a user's has not.
const bare: Record<string, string | undefined> = {
  GOPATH: undefined,
  GOMODCACHE: undefined,
  GOCACHE: undefined,
  GOENV: undefined,
  GOFLAGS: undefined,
  GOTOOLCHAIN: undefined,
  GOSUMDB: undefined,
  GOTELEMETRY: undefined,
};

interface Finding {
  readonly code: string;
  readonly place: string;
  readonly message: string;
  readonly rule: string;
  readonly help: string;
}

function findingsOf(stdout: string): Finding[] {
  return (JSON.parse(stdout || "{}") as { data?: { findings: Finding[] } }).data?.findings ?? [];
}
