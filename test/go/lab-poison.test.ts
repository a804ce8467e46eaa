import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { poisonMarkdown, poisonText } from "../../src/cli/lab-poison-text.ts";
import { sharedBuildCache } from "../testkit/go-command.ts";
import { checkGolden } from "../testkit/golden.ts";
import { cli } from "../testkit/run-cli.ts";

const runSchema = z.strictObject({
  note: z.string().nullable(),
  command: z.string(),
  exitCode: z.int().nullable(),
  output: z.string(),
});
const stepSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  shows: z.string(),
  runs: z.array(runSchema).min(1),
  facts: z.array(z.strictObject({ name: z.string(), value: z.string() })).min(1),
});
const documentSchema = z.strictObject({
  schemaVersion: z.literal(1),
  command: z.literal("lab poison"),
  exitCode: z.literal(0),
  data: z.strictObject({
    go: z.string().regex(/^go\d/),
    module: z.literal("lab.example/hello@v1.0.0"),
    published: z.string().regex(/^h1:\S{44}$/),
    other: z.string().regex(/^h1:\S{44}$/),
    steps: z.array(stepSchema),
  }),
});

interface Replayed {
  readonly data: z.infer<typeof documentSchema>["data"];
  /** What there is in the folder for temporary files afterwards. */
  readonly left: readonly string[];
  readonly hasUserFolder: boolean;
}

// The chain runs once for all that is tested of it.
let replay: Promise<Replayed> | null = null;
const replayed = (): Promise<Replayed> => (replay ??= runReplay());

async function runReplay(): Promise<Replayed> {
  await using place = await cli({ deadlineMs: 300_000 });
  const temporary = join(place.folder, "tmp");
  await mkdir(temporary);
  await mkdir(sharedBuildCache, { recursive: true });
  const { exitCode, stdout, stderr } = await place.run(["lab", "poison", "--json", "--build-cache", sharedBuildCache], {
    TMPDIR: temporary,
    GOPATH: join(place.folder, "gopath"),
    GOFLAGS: "-mod=vendor",
    GONOSUMDB: "*",
    MODGATE_UPSTREAM: "off",
    MODGATE_RULES: '[{pattern: "*", action: deny}]',
  });
  assert.deepEqual([exitCode, stderr], [0, ""]);
  const { data } = documentSchema.parse(JSON.parse(stdout));
  return { data, left: await readdir(temporary), hasUserFolder: existsSync(join(place.folder, "gopath")) };
}

const cachedNames = ["zip in the cache", "its .ziphash", "unpacked folder"];
const published = /^this is the code that was published$/;
const other = /^this is OTHER CODE THAN WAS PUBLISHED$/;
const verified = /^all modules verified$/;

test("modgate lab poison shows how other bytes get in, what builds make of them, and that the gateway stops them", async (t) => {
  const { data, left, hasUserFolder } = await replayed();
  t.diagnostic(data.go);
  const step = (id: string) => {
    const found = data.steps.find((one) => one.id === id) ?? assert.fail(`no step ${id}`);
    const fact = (name: string): string | undefined => found.facts.find((one) => one.name === name)?.value;
    return { runs: found.runs, fact, cached: cachedNames.map(fact) };
  };
  const ends = (id: string): (number | null)[] => step(id).runs.map((run) => run.exitCode);
  const outputs = (id: string): string[] => step(id).runs.map((run) => run.output);
  const all = (value: string): string[] => cachedNames.map(() => value);
  const bothHashes = (text = ""): boolean => text.includes(data.published) && text.includes(data.other);

  assert.notEqual(data.published, data.other);
  assert.deepEqual(ends("published"), [0, 0]);
  assert.match(outputs("published")[1] ?? "", published);
  assert.deepEqual(step("published").cached, all(data.published));

  assert.deepEqual(ends("database-on"), [1]);
  assert.match(outputs("database-on")[0] ?? "", /SECURITY ERROR\nThis download does NOT match the one reported by/);
  assert.deepEqual(step("database-on").cached, all("none"));

  for (const id of ["poisoned-by-gosumdb", "poisoned-by-goprivate"]) {
    assert.deepEqual(ends(id), [0, 0, 0], id);
    assert.match(outputs(id)[1] ?? "", other);
    assert.match(outputs(id)[2] ?? "", verified);
    assert.deepEqual(step(id).cached, all(data.other));
    assert.equal(step(id).fact("line in go.sum"), data.other);
  }

  assert.deepEqual(ends("later-builds"), [0, 0, 1, 1, 0, 1]);
  const [sameProject = "", sameVerify = "", fresh = "", honest = "", honestVerify = "", elsewhere = ""] =
    outputs("later-builds");
  assert.match(sameProject, other);
  assert.match(sameVerify, verified);
  assert.match(fresh, /verifying module: checksum mismatch\n[^]*sum\.lab\.example: h1:/);
  assert.match(honest, /\tgo\.sum: {5}h1:/);
  assert.match(honestVerify, verified);
  assert.ok(bothHashes(fresh) && bothHashes(honest) && bothHashes(elsewhere));
  assert.deepEqual(step("later-builds").cached, all(data.other), "nothing mends it by itself");

  assert.deepEqual(ends("repaired"), [1, 0, 0, 1, 0, 0]);
  const [audit = "", repair = "", rightAgain = "", stopped = "", , alsoRight = ""] = outputs("repaired");
  assert.ok(bothHashes(audit) && bothHashes(repair) && bothHashes(stopped));
  assert.match(repair, /^repaired lab\.example\/hello@v1\.0\.0$/m);
  for (const output of [rightAgain, alsoRight]) assert.match(output, published);
  assert.match(stopped, /SECURITY ERROR/);
  for (const name of cachedNames) {
    assert.equal(step("repaired").fact(`${name}, before`), data.other);
    assert.equal(step("repaired").fact(`${name}, after`), data.published);
  }
  assert.equal(step("repaired").fact("line in go.sum"), data.published);

  assert.deepEqual(ends("gateway"), [null, 1, 1]);
  for (const output of outputs("gateway").slice(1)) {
    assert.match(output, /502 Bad Gateway\n[^]*SUMDB_MISMATCH/);
    assert.ok(bothHashes(output));
  }
  assert.deepEqual(step("gateway").cached, all("none"));
  assert.equal(step("gateway").fact("zips in both caches"), "none");
  assert.equal(step("gateway").fact("kept in quarantine"), "2");

  assert.deepEqual(ends("gateway-second-upstream"), [null, 0, 0]);
  assert.match(outputs("gateway-second-upstream")[2] ?? "", published);
  assert.deepEqual(step("gateway-second-upstream").cached, all(data.published));

  assert.equal(hasUserFolder, false, "no folder of the user's was made");
  assert.deepEqual(left, [], "nothing is left behind");
});

test("modgate lab poison makes docs/labs/poison.md, the same on every machine with the same go", async (t) => {
  const { data } = await replayed();
  const markdown = poisonMarkdown(data);
  assert.ok(!/127\.0\.0\.1|\/tmp\//.test(markdown), "no address and no path");
  const page = join(import.meta.dirname, "../../docs/labs/poison.md");
  const have = existsSync(page) ? await readFile(page, "utf8") : "";
  const versionOf = (text: string): string | undefined => / with (go\S+):/.exec(text)?.[1];
  if (have !== "" && versionOf(have) !== data.go) return t.skip(`made with ${versionOf(have)}`);
  await checkGolden("../../docs/labs/poison.md", markdown);
});

test("modgate lab poison tells its steps within a terminal's width, and says which hash is which", async () => {
  const { data } = await replayed();
  const text = poisonText(data, { paint: (_, plain) => plain, width: 80 });
  assert.match(text, /^1 {2}A version is published/m);
  assert.match(text, /^ {3}unpacked folder +h1:\S{44} \(OTHER\)$/m);
  assert.match(text, /^ {3}\| this is OTHER CODE THAN WAS PUBLISHED$/m);
  const prose = text.split("\n").filter((line) => /^ {3}[A-Z]/.test(line));
  assert.deepEqual(
    prose.filter((line) => line.length > 80),
    [],
  );
});

test("modgate lab poison says what is wrong with its options before it runs anything", async () => {
  await using place = await cli();
  const { exitCode, stdout } = await place.run(["lab", "poison", "--json", "--markdown"]);
  assert.equal(exitCode, 2);
  assert.match(stdout, /both --json and --markdown/);
});
