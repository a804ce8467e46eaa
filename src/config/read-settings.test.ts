import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { fakeSources } from "../../test/testkit/config-sources.ts";
import type { ConfigSources } from "./config-sources.ts";
import { explainConfig } from "./explain-config.ts";
import { readSettings } from "./read-settings.ts";
import { flagName, type SettingForm, variableName } from "./setting.ts";
import { settings } from "./settings.ts";

const subjects = [
  { setting: settings.cacheTtl, values: ["1s", "2s", "3s"], standard: "1m" },
  { setting: settings.processes, values: [2, 3, 4], standard: 1 },
  { setting: settings.logAccess, values: [false, true, false], standard: true },
  { setting: settings.network, values: ["offline", "online", "offline"], standard: "online" },
  { setting: settings.listen, values: [["a:1"], ["b:2", "c:3"], ["d:4"]], standard: ["127.0.0.1:8080"] },
  {
    setting: settings.rules,
    values: [[{ pattern: "a.com", action: "deny" }], [], [{ pattern: "b.com", action: "allow" }]],
    standard: [],
  },
  { setting: settings.sumdb, values: ["off", "sum.golang.org", "off"], standard: "sum.golang.org" },
];

test("readSettings lets the flag win over the variable, the file and the default, and names all it shadows", async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const choice = fc.array(fc.subarray(["flag", "env", "file"] as const), {
    minLength: subjects.length,
    maxLength: subjects.length,
  });
  await fc.assert(
    fc.asyncProperty(choice, async (choices) => {
      const flags: Record<string, string> = {};
      const env: Record<string, string> = {};
      const file: Record<string, unknown> = {};
      for (const [index, { setting, values }] of subjects.entries()) {
        const [byFlag, byEnv, byFile] = values;
        const [group = "", name] = setting.key.split(".");
        if (choices[index]?.includes("flag")) flags[flagName(setting)] = asText(byFlag, setting.form);
        if (choices[index]?.includes("env")) env[variableName(setting)] = asText(byEnv, setting.form);
        if (choices[index]?.includes("file"))
          file[group] = name === undefined ? byFile : { ...Object(file[group]), [name]: byFile };
      }
      const read = await readSettings(fakeSources({ flags, env, files: { "/desk/modgate.yaml": stringify(file) } }));
      assert.deepEqual(read.faults, []);
      const rows = new Map(explainConfig({ origins: read.resolved }).map((row) => [row.key, row]));
      for (const [index, { setting, values, standard }] of subjects.entries()) {
        const want: { kind: string; value: unknown }[] = [];
        for (const [at, kind] of (["flag", "env", "file"] as const).entries()) {
          if (choices[index]?.includes(kind)) want.push({ kind, value: values[at] });
        }
        // The go command is asked only where nothing stronger speaks.
        if (setting.key === "sumdb" && want.length === 0) want.push({ kind: "go", value: standard });
        want.push({ kind: "default", value: standard });
        const row = rows.get(setting.key);
        const got = [{ value: row?.value, origin: row?.origin ?? "" }, ...(row?.shadows ?? [])];
        assert.deepEqual(
          got.map(({ value, origin }) => ({ kind: kindOf(origin), value })),
          want,
          setting.key,
        );
      }
    }),
    { seed, numRuns: 40 },
  );
});

test("readSettings takes the file of --config, then MODGATE_CONFIG, the current folder, XDG and /etc", async () => {
  const at = (ttl: string): string => `cache: {ttl: ${ttl}}`;
  const files = {
    "/x/flag.yaml": at("1s"),
    "/desk/sub/env.yaml": at("2s"),
    "/desk/modgate.yaml": at("3s"),
    "/xdg/modgate/modgate.yaml": at("4s"),
    "/home/dev/.config/modgate/modgate.yaml": at("5s"),
    "/etc/modgate/modgate.yaml": at("6s"),
  };
  const ttlOf = async (sources: ConfigSources) => {
    const winner = (await readSettings(sources)).resolved.get("cache.ttl")?.winner;
    return [winner?.written, winner?.origin.text];
  };
  const env = { MODGATE_CONFIG: "sub/env.yaml", XDG_CONFIG_HOME: "/xdg" };
  assert.deepEqual(await ttlOf(fakeSources({ files, env, flags: { config: "/x/flag.yaml" } })), [
    "1s",
    "/x/flag.yaml:1:9",
  ]);
  assert.deepEqual(await ttlOf(fakeSources({ files, env })), ["2s", "sub/env.yaml:1:9"]);
  assert.deepEqual(await ttlOf(fakeSources({ files, env: { XDG_CONFIG_HOME: "/xdg" } })), ["3s", "modgate.yaml:1:9"]);
  const elsewhere = { files, cwd: "/else" };
  assert.equal((await ttlOf(fakeSources({ ...elsewhere, env: { XDG_CONFIG_HOME: "/xdg" } })))[0], "4s");
  assert.equal((await ttlOf(fakeSources(elsewhere)))[0], "5s");
  assert.equal((await ttlOf(fakeSources({ ...elsewhere, homedir: "" })))[0], "6s");
});

test("readSettings asks go only for what nothing else gives, the environment first", async () => {
  const origin = async (sources: ConfigSources, key: string) =>
    (await readSettings(sources)).resolved.get(key)?.winner.origin.text;
  const noGo = (parts: Parameters<typeof fakeSources>[0]) => fakeSources({ goEnv: null, ...parts });
  assert.equal(await origin(fakeSources(), "upstream"), "go env GOPROXY");
  assert.equal(await origin(fakeSources({ goEnv: { GOPRIVATE: "corp.example" } }), "private"), "go env GOPRIVATE");
  const env = { GOPROXY: "https://p.example", GOSUMDB: "off", GOPRIVATE: "a.com" };
  for (const [key, want] of [
    ["upstream", "env GOPROXY"],
    ["sumdb", "env GOSUMDB"],
    ["private", "env GOPRIVATE"],
  ] as const) {
    assert.equal(await origin(noGo({ env }), key), want);
  }
  assert.equal(await origin(noGo({ flags: { upstream: "off" } }), "sumdb"), "default");
  assert.equal(await origin(noGo({ flags: { network: "offline" } }), "upstream"), "default");
});

function asText(value: unknown, form: SettingForm): string {
  if (form === "list" && Array.isArray(value)) return value.map(String).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function kindOf(origin: string): string {
  if (origin === "default") return "default";
  if (origin.startsWith("go env ")) return "go";
  return /^(flag|env) /.exec(origin)?.[1] ?? "file";
}
