import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { labMarkdown } from "../../src/cli/lab-markdown.ts";
import { labText } from "../../src/cli/lab-text.ts";
import { factCommands } from "../testkit/fact-commands.ts";
import { sharedBuildCache } from "../testkit/go-command.ts";
import { checkLabPage, labDocument, type LabDocument } from "../testkit/lab-document.ts";
import { fromFacts } from "../testkit/request-notation.ts";
import { cli } from "../testkit/run-cli.ts";
import { C1, C2, PSEUDO } from "../testkit/small-graph.ts";

interface Ran {
  readonly data: LabDocument["data"];
  readonly left: readonly string[];
  readonly hasUserFolder: boolean;
}

// The lab runs once for all that is tested of it.
let ran: Promise<Ran> | null = null;
const commands = (): Promise<Ran> => (ran ??= runLab());

async function runLab(): Promise<Ran> {
  await using place = await cli({ deadlineMs: 300_000 });
  const temporary = join(place.folder, "tmp");
  await mkdir(temporary);
  await mkdir(sharedBuildCache, { recursive: true });
  await writeFile(join(place.folder, "goenv"), "GOSUMDB=nonsense\nGOPROXY=off\n");
  const { exitCode, stdout, stderr } = await place.run(
    ["lab", "commands", "--json", "--build-cache", sharedBuildCache],
    {
      TMPDIR: temporary,
      GOENV: join(place.folder, "goenv"),
      GOPATH: join(place.folder, "gopath"),
      GOFLAGS: "-mod=vendor",
      GONOSUMDB: "*",
      GOTOOLCHAIN: "go9.99.9",
    },
  );
  assert.deepEqual([exitCode, stderr], [0, ""]);
  const { data } = labDocument("commands", stdout);
  return { data, left: await readdir(temporary), hasUserFolder: existsSync(join(place.folder, "gopath")) };
}

test("modgate lab commands observes for each command the requests that GO-FACTS B.1 and B.2 have", async (t) => {
  const { data, left, hasUserFolder } = await commands();
  t.diagnostic(data.go);
  const [table] = data.tables;
  const rows = table?.rows ?? [];
  assert.equal(rows.length, Object.keys(factCommands).length * 4);
  for (const { values, evidence, exitCode, outcome } of rows) {
    const { command = "", cache = "", sumdb = "" } = values;
    const place = `${command} ${cache} ${sumdb}`;
    const fact = factCommands[command] ?? assert.fail(command);
    const asked = (evidence?.answers ?? []).map((answer) => notation(answer.split(" ")[0] ?? ""));
    const files = asked.filter((name) => !name.startsWith("SUMDB/"));
    assert.equal(exitCode, 0, place);
    assert.deepEqual(files.toSorted(), fromFacts(cache === "cold" ? fact.cold : fact.warm || "–"), place);
    assert.equal(outcome, asked.length === 0 ? "asks-nobody" : "asks", place);
    const lookups = asked.filter((name) => name.startsWith("SUMDB/lookup:")).map((name) => name.slice(13));
    const want = fact.lookups === null ? lookups : fromFacts(fact.lookups || "–");
    assert.deepEqual(lookups.toSorted(), sumdb === "on" && cache === "cold" ? want : [], place);
    assert.equal(asked.includes("SUMDB/supported"), lookups.length > 0, "asked once, and only before a lookup");
  }
  assert.ok(!hasUserFolder, "no folder of the user's was made");
  assert.deepEqual(left, [], "nothing is left behind");
});

test("modgate lab commands counts requests and changed lines of go.mod and go.sum", async () => {
  const { data } = await commands();
  const factsOf = (command: string, cache: string): Readonly<Record<string, string>> =>
    data.tables[0]?.rows.find(
      ({ values }) => values["command"] === command && values["cache"] === cache && values["sumdb"] === "on",
    )?.facts ?? assert.fail(command);
  assert.deepEqual(factsOf("go get lab.example/retr@v1.1.0", "cold"), {
    list: "1",
    latest: "-",
    info: "3",
    mod: "2",
    zip: "1",
    lookup: "2",
    tile: "1",
    "go.mod": "+1",
    "go.sum": "+2",
  });
  assert.equal(factsOf("go get -u ./...", "cold")["go.mod"], "+2 -2");
  assert.equal(factsOf("go mod tidy", "cold")["go.mod"], "same");
  assert.equal(factsOf("go mod tidy (untidy)", "cold")["go.sum"], "+8");
  assert.equal(factsOf("go list -m all", "cold")["zip"], "-");
  assert.equal(factsOf("go install lab.example/tool@v1.0.0", "warm")["list"], "1");
});

test("docs/labs/commands.md is what the lab observes with the same go", async (t) => {
  const { data } = await commands();
  const page = labMarkdown({ report: data, isWhole: false }, []);
  await checkLabPage(t, "commands", page);
  const text = labText({ report: data, isWhole: true }, { paint: (_style, text) => text, width: 110 });
  for (const line of text.split("\n")) assert.ok(line.length <= 110, line);
});

function notation(path: string): string {
  return path
    .replace(/^\/lab\.example\//, "")
    .replace(/^\/sumdb\/[^/]+\/lookup\/lab\.example\//, "SUMDB/lookup:")
    .replace(/^\/sumdb\/[^/]+\//, "SUMDB/")
    .replace(/^\//, "")
    .replace(/@v\//, "@")
    .replace("!upper/!camel!case", "Upper")
    .replace(C1, "C1")
    .replace(C2, "C2")
    .replace(PSEUDO, "PSEUDO");
}
