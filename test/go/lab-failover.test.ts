import assert from "node:assert/strict";
import { test } from "node:test";
import { labMarkdown } from "../../src/cli/lab-markdown.ts";
import { answerFaults, type FactFault } from "../testkit/fact-faults.ts";
import { checkLabPage, labDocument, type LabDocument } from "../testkit/lab-document.ts";
import { cli } from "../testkit/run-cli.ts";

type Row = NonNullable<LabDocument["data"]["tables"][number]>["rows"][number];

async function run(name: string): Promise<LabDocument["data"]> {
  await using place = await cli({ deadlineMs: 300_000 });
  const { exitCode, stdout, stderr } = await place.run(["lab", name, "--json"]);
  assert.deepEqual([exitCode, stderr], [0, ""]);
  return labDocument(name, stdout).data;
}

function find(data: LabDocument["data"], values: Readonly<Record<string, string>>): Row {
  const fits = (row: Row): boolean => Object.entries(values).every(([name, value]) => row.values[name] === value);
  return data.tables[0]?.rows.find(fits) ?? assert.fail(JSON.stringify(values));
}

// The rows of GO-FACTS A.1 and A.3 by their names in the lab.
const named: Readonly<Record<string, string>> = { reset: "rst-before-response" };

test("modgate lab failover observes what GO-FACTS A.1 has of each failure, with its message", async (t) => {
  const data = await run("failover");
  t.diagnostic(data.go);
  const facts = new Map<string, FactFault>(answerFaults().map((fact) => [fact.name, fact]));
  let compared = 0;
  for (const fault of data.tables[0]?.axes[0]?.values ?? []) {
    const fact = facts.get(named[fault] ?? fault);
    if (fact === undefined) continue;
    compared++;
    const [alone, comma, bar] = ["alone", "comma", "bar"].map((place) => find(data, { fault, place }));
    assert.equal(alone?.outcome, "stops", fault);
    assert.equal(comma?.outcome, fact.go === "next" ? "goes-on" : "stops", fault);
    assert.equal(bar?.outcome, "goes-on", fault);
    const prints = (fact.prints ?? "").replaceAll("{P1}", "{A}").replaceAll("{M}", "{module}");
    assert.ok(
      alone?.message.startsWith(prints.replace(/\b\d{3} [\w' -]+$/, "{status}")),
      `${prints}\n${alone?.message}`,
    );
    assert.deepEqual(bar?.facts, { "A asked": "info mod zip", "B asked": "info mod zip" }, "each file is asked anew");
  }
  assert.equal(compared, 26);
  assert.deepEqual(find(data, { fault: "200", place: "bar" }).facts, { "A asked": "info mod zip", "B asked": "-" });
  for (const [fault, alone, comma, bar] of [
    ["refused", "stops", "stops", "goes-on"],
    ["tls-expired", "stops", "stops", "goes-on"],
    ["tls-wrong-name", "stops", "stops", "goes-on"],
    ["truncate zip", "stops", "stops", "goes-on"],
    ["bad-zip", "stops", "stops", "stops"],
    ["html-200", "stops", "stops", "fails"],
  ] as const) {
    const outcomes = ["alone", "comma", "bar"].map((place) => find(data, { fault, place }).outcome);
    assert.deepEqual(outcomes, [alone, comma, bar], fault);
  }
  const messages: readonly (readonly [string, RegExp])[] = [
    ["refused", /Get "http:\/\/\{A\}\/\S+\.info": dial tcp \{A\}: connect: connection refused$/],
    ["tls-expired", /tls: failed to verify certificate: x509: certificate has expired or is not yet valid: /],
    ["tls-wrong-name", /cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs$/],
    ["truncate zip", /read "http:\/\/\{A\}\/\S+\.zip": unexpected EOF$/],
    ["bad-zip", /^go: zip: checksum error$/m],
  ];
  for (const [fault, pattern] of messages) assert.match(find(data, { fault, place: "alone" }).message, pattern);
  await checkLabPage(t, "failover", labMarkdown({ report: data, isWhole: false }, []));
});

test("modgate lab status observes that only 200 is a success and that go never asks conditionally", async (t) => {
  const data = await run("status");
  for (const file of ["list", "latest", "info", "mod", "zip"]) {
    for (const status of ["200", "304", "404", "410"]) {
      const { outcome, facts } = find(data, { file, status });
      assert.equal(outcome, status === "200" ? "goes-on" : "fails", `${file} ${status}`);
      assert.equal(facts["conditional"], "never", `${file} ${status}`);
      const isAskedAnew = status !== "200" || file === "list" || file === "latest";
      assert.deepEqual([facts["asked"], facts["asked again"]], ["1", isAskedAnew ? "1" : "0"], `${file} ${status}`);
    }
  }
  const message = (file: string, status: string): string => find(data, { file, status }).message;
  assert.match(
    message("list", "404"),
    /^go: module \{module\}: reading http:\/\/\{proxy\}\/\{module\}\/@v\/list: \{status\}\n/,
  );
  assert.equal(message("latest", "404"), 'go: module {module}: no matching versions for query "latest"');
  assert.match(message("info", "304"), /^go: \{module\}@v1\.0\.0: reading \S+\.info: \{status\}$/);
  await checkLabPage(t, "status", labMarkdown({ report: data, isWhole: false }, []));
});
