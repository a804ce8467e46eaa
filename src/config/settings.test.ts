import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { fakeSources } from "../../test/testkit/config-sources.ts";
import { configFlags, flagsFrom } from "./config-flags.ts";
import { configJsonSchema, schemaAt } from "./file-schema.ts";
import { readSettings } from "./read-settings.ts";
import { flagName, type Setting, variableName } from "./setting.ts";
import { settingList } from "./settings.ts";

test("settings have a default and an example that their own schema takes", () => {
  for (const { key, schema, default: standard, example } of settingList) {
    assert.ok(schema.safeParse(example).success, `example of ${key}`);
    if (standard !== null) assert.ok(schema.safeParse(standard).success, `default of ${key}`);
  }
});

test("flagName and variableName give every setting a name of its own", () => {
  const size = { key: "cache.maxSize" };
  assert.equal(flagName(size), "cache-max-size");
  assert.equal(variableName(size), "MODGATE_CACHE_MAX_SIZE");
  assert.equal(new Set(["config", ...settingList.map(flagName)]).size, settingList.length + 1);
});

test("readSettings takes every example alike from file, variable and flag", async () => {
  for (const setting of settingList) {
    const [group = "", name] = setting.key.split(".");
    const inFile = name === undefined ? { [group]: setting.example } : { [group]: { [name]: setting.example } };
    const text = asText(setting);
    const all = [
      fakeSources({ files: { "/desk/modgate.yaml": stringify(inFile) } }),
      fakeSources({ env: { [variableName(setting)]: text } }),
      fakeSources({ flags: { [flagName(setting)]: text } }),
    ];
    for (const [index, sources] of all.entries()) {
      const { resolved, faults } = await readSettings(sources);
      assert.deepEqual(faults, [], setting.key);
      const winner = resolved.get(setting.key)?.winner;
      assert.deepEqual(winner?.written, setting.example, setting.key);
      assert.equal(winner?.origin.kind, ["file", "env", "flag"][index]);
    }
  }
});

test("configJsonSchema has every setting with its default and example, and no other key", () => {
  const schema = configJsonSchema();
  for (const setting of settingList) {
    const node = schemaAt(schema, setting.key.split("."));
    assert.equal(node?.description, setting.doc);
    assert.deepEqual(node.examples, [setting.example], setting.key);
    if (setting.default !== null) assert.deepEqual(node.default, setting.default, setting.key);
  }
  assert.equal(schema.additionalProperties, false);
  assert.equal(schemaAt(schema, ["upstreams", "any", "timeouts", "connect"])?.default, "10s");
  assert.equal(schemaAt(schema, ["upstreams", "any", "nosuch"]), null);
});

test("flagsFrom picks the configuration flags out of commander's options", () => {
  assert.deepEqual(
    flagsFrom({ cacheMaxSize: "1GiB", listen: ["a:1", "b:2"], json: true, other: "x", config: "f.yaml" }),
    {
      "cache-max-size": "1GiB",
      listen: ["a:1", "b:2"],
      config: "f.yaml",
    },
  );
  assert.ok(configFlags().some(({ name, isRepeatable }) => name === "listen" && isRepeatable));
});

function asText({ form, example }: Setting<unknown>): string {
  if (form === "list" && Array.isArray(example)) return example.join(",");
  return form === "structure" ? JSON.stringify(example) : String(example);
}
