import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { checkSources } from "../src/config/load-config.ts";
import { fakeSources } from "./testkit/config-sources.ts";

const root = join(import.meta.dirname, "..");
const pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...globSync("docs/*.md", { cwd: root })].map((name) => ({
  name,
  text: readFileSync(join(root, name), "utf8"),
}));

test("scripts/docs.ts --check finds every document equal to the code", () => {
  const script = join(root, "scripts/docs.ts");
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("modgate.example.yaml and every yaml block of the guides are configurations without an error", async () => {
  const blocks = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = ""]) => ({ name, yaml })),
  );
  assert.ok(blocks.length >= 5, `${blocks.length} blocks`);
  const example = { name: "modgate.example.yaml", yaml: readFileSync(join(root, "modgate.example.yaml"), "utf8") };
  for (const { name, yaml } of [example, ...blocks]) {
    // Certificates and secrets that a page names are nowhere.
    const files = { "/desk/modgate.yaml": yaml, "/etc/modgate/corp.credentials": "joe:secret" };
    const { findings } = await checkSources(fakeSources({ files }));
    const errors = findings.filter(({ severity }) => severity === "error");
    assert.deepEqual(errors, [], `${name}:\n${yaml}`);
  }
  const { findings } = await checkSources(fakeSources({ files: { "/desk/modgate.yaml": example.yaml } }));
  assert.deepEqual(findings, [], "the example has no warning either");
});

test("every link between the documents leads to a file", () => {
  const links = pages.flatMap(({ name, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => ({ name, target })),
  );
  assert.ok(links.length > 10);
  const broken = links.filter(({ name, target }) => !existsSync(join(root, dirname(name), target)));
  assert.deepEqual(broken, []);
});
