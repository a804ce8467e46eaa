import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { checkGolden } from "../testkit/golden.ts";
import { cli } from "../testkit/run-cli.ts";

const rowSchema = z.strictObject({
  sum: z.enum(["has", "lacks", "wrong"]),
  cache: z.enum(["yes", "no"]),
  network: z.enum(["up", "down"]),
  sumdb: z.enum(["on", "off"]),
  mod: z.enum(["readonly", "mod"]),
  outcome: z.string(),
  did: z.string().min(10),
  advice: z.string().min(10),
  command: z.string().min(1).nullable(),
  exitCode: z.int(),
  message: z.string(),
  stderr: z.string(),
  asked: z.strictObject({ proxy: z.array(z.string()), database: z.array(z.string()) }),
  addedLines: z.array(z.string()),
});
const documentSchema = z.strictObject({
  schemaVersion: z.literal(1),
  command: z.literal("lab gosum"),
  exitCode: z.literal(0),
  data: z.strictObject({
    go: z.string().regex(/^go\d/),
    module: z.literal("lab.example/hello@v1.0.0"),
    rows: z.array(rowSchema),
  }),
});
type Row = z.infer<typeof rowSchema>;

// GO-FACTS D, with the outcome of each combination as `go build` was measured to end.
function wantedOutcome({ sum, cache, network, sumdb, mod }: Row): string {
  if (sum === "lacks" && mod === "readonly") return "missing-line";
  if (cache === "no" && network === "down") return "proxy-unreachable";
  const cached = cache === "yes" ? "-cached" : "";
  if (sum === "wrong") return `mismatch${cached}`;
  if (sum === "has") return `matched${cached}`;
  if (sumdb === "off") return `added-unproved${cached}`;
  return network === "up" ? `added-proved${cached}` : "database-unreachable";
}

const messages: Readonly<Record<string, RegExp>> = {
  "missing-line":
    /^app\.go:3:8: missing go\.sum entry for module providing package lab\.example\/hello \(imported by lab\.example\/app\); to add:\n\tgo get lab\.example\/app$/,
  "proxy-unreachable":
    /^app\.go:3:8: lab\.example\/hello@v1\.0\.0: Get "http:\/\/\{proxy\}\/lab\.example\/hello\/@v\/v1\.0\.0\.zip": dial tcp \{proxy\}: connect: connection refused$/m,
  "database-unreachable":
    /verifying module: lab\.example\/hello@v1\.0\.0: Get "http:\/\/\{database\}\/lookup\/lab\.example\/hello@v1\.0\.0": dial tcp \{database\}: connect: connection refused$/,
  mismatch:
    /^verifying lab\.example\/hello@v1\.0\.0: checksum mismatch\n\tdownloaded: h1:\S{44}\n\tgo\.sum: {5}h1:\S{44}$/m,
  "mismatch-cached": /^verifying lab\.example\/hello@v1\.0\.0: checksum mismatch\n\tdownloaded: h1:\S{44}\n/,
  matched: /^go: downloading lab\.example\/hello v1\.0\.0$/,
  "matched-cached": /^$/,
};

test("modgate lab gosum runs go in all 48 combinations and touches nothing of the user's", async (t) => {
  await using place = await cli();
  const temporary = join(place.folder, "tmp");
  await mkdir(temporary);
  await writeFile(join(place.folder, "goenv"), "GOSUMDB=nonsense\nGOPROXY=off\n");
  const ofUser = Object.fromEntries(
    ["GOPATH", "GOMODCACHE", "GOCACHE"].map((name) => [name, join(place.folder, "user", name)]),
  );
  const { exitCode, stdout, stderr } = await place.run(["lab", "gosum", "--json"], {
    ...ofUser,
    TMPDIR: temporary,
    GOENV: join(place.folder, "goenv"),
    GOFLAGS: "-mod=vendor",
    GOPROXY: "http://127.0.0.1:1",
    GOSUMDB: "nonsense",
    GOTOOLCHAIN: "go9.99.9",
    GOWORK: "/nowhere/go.work",
  });
  assert.deepEqual([exitCode, stderr], [0, ""]);
  const { data } = documentSchema.parse(JSON.parse(stdout));
  t.diagnostic(data.go);
  const { rows } = data;
  const combinations = rows.map(({ sum, cache, network, sumdb, mod }) => [sum, cache, network, sumdb, mod].join(" "));
  assert.equal(new Set(combinations).size, 48);
  for (const [index, row] of rows.entries()) {
    const place = combinations[index] ?? "";
    const isBuilt = /^(matched|added)/.test(row.outcome);
    assert.equal(row.outcome, wantedOutcome(row), place);
    assert.equal(row.exitCode, isBuilt ? 0 : 1, place);
    assert.match(row.message, messages[row.outcome] ?? /^/, place);
    assert.equal(row.addedLines.length, row.outcome.startsWith("added") ? 2 : 0, place);
    assert.equal(row.asked.database.length > 0, row.outcome.startsWith("added-proved"), place);
    assert.ok(!/\{|\}/.test(row.stderr), "go's own words have no place holders");
    assert.equal(row.command === null, row.outcome.startsWith("matched"), place);
  }
  assert.ok(!existsSync(join(place.folder, "user")), "no folder of the user's was made");
  assert.deepEqual(await readdir(temporary), [], "nothing is left behind");
});

test("modgate lab gosum --markdown makes docs/labs/gosum.md, the same on every machine with the same go", async (t) => {
  await using place = await cli();
  const { exitCode, stdout } = await place.run(["lab", "gosum", "--markdown"]);
  assert.equal(exitCode, 0);
  const page = join(import.meta.dirname, "../../docs/labs/gosum.md");
  const versionOf = (text: string): string => / with (go\S+):/.exec(text)?.[1] ?? "";
  const have = existsSync(page) ? await readFile(page, "utf8") : "";
  if (have !== "" && versionOf(have) !== versionOf(stdout)) return t.skip(`made with ${versionOf(have)}`);
  await checkGolden("../../docs/labs/gosum.md", stdout);
  const tables = stdout.split("\n").filter((line) => line.startsWith("|"));
  assert.deepEqual(new Set(tables.map((line) => line.replaceAll("\\|", "").split("|").length)), new Set([12]));
  const letters = [...stdout.matchAll(/\(#([a-z])\)/g)].map(([, letter = ""]) => letter);
  for (const letter of letters) assert.ok(stdout.includes(`\n## ${letter.toUpperCase()}\n`), letter);
});

test("modgate lab gosum --only runs some rows, folded as far as they agree, and --all prints each", async () => {
  await using place = await cli();
  const folded = await place.run(["lab", "gosum", "--only", "sum=lacks,cache=yes,network=up"]);
  assert.equal(folded.exitCode, 0);
  assert.match(folded.stdout, /: 4 combinations, 3 outcomes\n/);
  assert.match(folded.stdout, /^lacks +yes +up +any +readonly +1 {2}A {2}app\.go:3:8: missing go\.sum entry/m);
  assert.match(folded.stdout, /^A {2}go stops, because .*\n(?: {3}.*\n)+ {3}help: go mod download lab\.example/m);
  const whole = await place.run(["lab", "gosum", "--only", "sum=lacks,cache=yes,network=up", "--all"]);
  assert.equal(whole.stdout.split("\n").filter((line) => line.startsWith("lacks ")).length, 4);
});

test("modgate lab gosum --go runs another go, named from the folder where it is typed", async () => {
  await using place = await cli();
  const goRoot = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
  await writeFile(
    join(place.folder, "logged-go"),
    `#!/bin/sh\necho "$@" >> "${place.folder}/log"\nexec "${goRoot}/bin/go" "$@"\n`,
  );
  await chmod(join(place.folder, "logged-go"), 0o755);
  const only = ["--only", "sum=has,cache=yes,network=up,sumdb=off,mod=mod"];
  const { exitCode, stderr } = await place.run(["lab", "gosum", "--go", "./logged-go", ...only]);
  assert.deepEqual([exitCode, stderr], [0, ""]);
  assert.match(await readFile(join(place.folder, "log"), "utf8"), /^build -mod=mod \.\/\.\.\.$/m);
});

test("modgate lab gosum says what is wrong with its options, with exit code 2", async () => {
  await using place = await cli();
  for (const [args, message] of [
    [["--only", "sum=maybe"], /want one of sum=has\|lacks\|wrong /],
    [["--go", "/nowhere/go"], /Cannot run "\/nowhere\/go": there is no such program/],
    [["--go", process.execPath], /as go: it tells no version/],
    [["--json", "--markdown"], /both --json and --markdown/],
  ] as const) {
    const { exitCode, stdout, stderr } = await place.run(["lab", "gosum", ...args]);
    assert.equal(exitCode, 2, args.join(" "));
    assert.match(stdout + stderr.replaceAll('\\"', '"'), message);
  }
});
