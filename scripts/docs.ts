// Writes the documents that are made from the code; with --check it only says which of them differ.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configFindingCodes } from "../src/config/finding-codes.ts";
import { cacheFindingCodes } from "../src/diagnose/cache-finding-codes.ts";
import { doctorFindingCodes } from "../src/doctor/doctor-finding-codes.ts";
import { configJsonSchema, type JsonSchema, schemaAt } from "../src/config/file-schema.ts";
import { flagName, type Setting, variableName } from "../src/config/setting.ts";
import { settingList } from "../src/config/settings.ts";
import { problemCodes } from "../src/kernel/problem-codes.ts";
import { metricsMarkdown } from "../src/telemetry/metrics-docs.ts";
import { cliPage } from "./cli-page.ts";

/** Every document that is made from the code. */
const documents: readonly { readonly file: string; readonly make: () => string }[] = [
  { file: "docs/config.md", make: configPage },
  { file: "docs/errors.md", make: errorsPage },
  { file: "docs/cli.md", make: cliPage },
  { file: "docs/metrics.md", make: metricsMarkdown },
  { file: "modgate.schema.json", make: () => `${JSON.stringify(configJsonSchema(), null, 2)}\n` },
];

function run(): void {
  const root = join(import.meta.dirname, "..");
  const isCheck = process.argv.includes("--check");
  let differing = 0;
  for (const { file, make } of documents) {
    const path = join(root, file);
    const want = make();
    const have = existsSync(path) ? readFileSync(path, "utf8") : null;
    if (have === want) continue;
    differing++;
    if (!isCheck) writeFileSync(path, want);
    process.stderr.write(`${file} ${isCheck ? `differs${firstDifference(have ?? "", want)}` : "written"}\n`);
  }
  if (isCheck && differing > 0) {
    process.stderr.write("help: npm run docs\n");
    process.exit(1);
  }
}

function firstDifference(have: string, want: string): string {
  const haveLines = have.split("\n");
  const index = want.split("\n").findIndex((line, at) => line !== haveLines[at]);
  return ` from line ${(index < 0 ? want.split("\n").length : index) + 1}`;
}

function configPage(): string {
  const groups = new Map<string, Setting<unknown>[]>();
  for (const setting of settingList) {
    const group = setting.key.includes(".") ? (setting.key.split(".")[0] ?? "") : "";
    groups.set(group, [...(groups.get(group) ?? []), setting]);
  }
  const lines = [configIntro];
  for (const [group, members] of groups) {
    lines.push(group === "" ? "## Settings" : `## \`${group}:\``, "", ...settingTable(members), "");
  }
  const schema = configJsonSchema();
  for (const { title, path, note } of structures) {
    lines.push(`## ${title}`, "", note, "", ...structureTable(schemaAt(schema, path), ""), "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function settingTable(members: readonly Setting<unknown>[]): string[] {
  return [
    "| key | default | meaning | example | flag and variable |",
    "|---|---|---|---|---|",
    ...members.map((setting) => {
      const standard = setting.defaultText ?? (setting.default === null ? "unset" : code(setting.default));
      const names = `\`--${flagName(setting)}\` \`${variableName(setting)}\``;
      return row([`\`${setting.key}\``, standard, setting.doc, code(setting.example), names]);
    }),
  ];
}

const structures = [
  {
    title: "An entry of `upstreams:`",
    path: ["upstreams", "NAME"],
    note: "`upstreamDefaults:` takes the same keys but `url` and `private`. The first that has a value decides: the entry, `upstreamDefaults`, the default below. `notFound: [403]` is for an upstream that says 403 where it means 404; without it a 403 stays a refusal, because only proof of absence may send `go` elsewhere.",
  },
  {
    title: "An entry of `rules:`",
    path: ["rules", 0],
    note: 'The first rule whose pattern fits the module path decides; where none fits, the module is allowed. To allow nothing but what is listed, end the list with `{pattern: "*", action: deny}`. A rule is about whole modules: it sees neither versions nor files.',
  },
  {
    title: "An entry of `goGet:`",
    path: ["goGet", 0],
    note: "The first entry whose pattern fits the import path answers `?go-get=1`.",
  },
];

function structureTable(schema: JsonSchema | null, prefix: string): string[] {
  return prefix === ""
    ? ["| key | default | meaning |", "|---|---|---|", ...structureRows(schema, "")]
    : structureRows(schema, prefix);
}

function structureRows(schema: JsonSchema | null, prefix: string): string[] {
  return Object.entries(schema?.properties ?? {}).flatMap(([name, part]) => {
    const key = `${prefix}${name}`;
    if (part.properties !== undefined) return structureRows(part, `${key}.`);
    const isRequired = prefix === "" && schema?.required?.includes(name);
    const standard = part.default === undefined ? (isRequired ? "required" : "unset") : code(part.default);
    const choices = part.enum === undefined ? "" : ` (${part.enum.map(code).join(" or ")})`;
    return [row([`\`${key}\``, standard, `${part.description ?? ""}${choices}`])];
  });
}

function errorsPage(): string {
  const lines = [errorsIntro, "| code | verdict | status | meaning | what to do |", "|---|---|---|---|---|"];
  for (const [name, { verdict, status, meaning, hint }] of Object.entries(problemCodes)) {
    lines.push(row([`\`${name}\``, verdict, String(status), meaning, hint]));
  }
  lines.push("", findingsIntro, "| code | severity | meaning | what to do |", "|---|---|---|---|");
  for (const [name, { severity, meaning, help }] of Object.entries(configFindingCodes)) {
    lines.push(row([`\`${name}\``, severity, meaning, help]));
  }
  lines.push("", auditIntro, "| code | severity | meaning | what to do |", "|---|---|---|---|");
  for (const [name, { severity, meaning, help }] of Object.entries(cacheFindingCodes)) {
    lines.push(row([`\`${name}\``, severity, meaning, help]));
  }
  lines.push("", doctorIntro, "| code | severity | the rule of go behind it | what to do |", "|---|---|---|---|");
  for (const [name, { severity, meaning, help }] of Object.entries(doctorFindingCodes)) {
    lines.push(row([`\`${name}\``, severity, meaning, help]));
  }
  return `${lines.join("\n")}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}

function code(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `\`${text.replaceAll(',"', ', "').replaceAll('":', '": ')}\``;
}

const configIntro = `# Configuration

Made from the settings table in \`src/config/\` by \`npm run docs\`.

A setting may stand in a file, in a variable and in a flag; the flag wins over the variable, the variable over the file, the file over the default. \`modgate config explain\` prints every value that holds, where it came from and what it shadows; \`modgate config check\` finds what is wrong with it.

\`\`\`yaml
# yaml-language-server: $schema=./modgate.schema.json
listen: [127.0.0.1:8080]
upstream: corp,https://goproxy.example.com,direct
upstreams:
  corp:
    url: https://go.corp.example
    notFound: [403]
    private: true
    credentialsFile: /etc/modgate/corp.credentials
private: [github.com/corp, "*.corp.example"]
cache:
  maxSize: 50GiB
rules:
  - {pattern: github.com/banned/*, action: deny, reason: see the wiki}
\`\`\`

- **File.** The first of \`--config FILE\`, \`MODGATE_CONFIG\`, \`modgate.yaml\` in the current folder, \`$XDG_CONFIG_HOME/modgate/modgate.yaml\` (else \`~/.config/…\`), \`/etc/modgate/modgate.yaml\`. YAML 1.2 or JSON, at most 1 MiB. A key that is no setting is an error. Relative paths start at the folder of the file; in variables and flags at the current folder. \`~/\` is the home.
- **Variables and flags.** Lists are separated by commas (a flag may also stand more than once); \`upstreams\`, \`upstreamDefaults\`, \`rules\`, \`goGet\`, headers and environments are YAML or JSON text. An empty variable counts as unset.
- **Defaults from go.** \`upstream\`, \`private\` and \`sumdb\` take theirs from GOPROXY, GOPRIVATE and GOSUMDB: from the environment, else from \`go env\`.
- **Durations** are \`30s\`, \`1h30m\`, \`7d\`; **sizes** are \`512MiB\`, \`10GiB\`, \`1GB\`.
- **Patterns** are those of GOPRIVATE: globs (\`*\`, \`?\`, \`[a-z]\`) over prefixes of module paths, so \`github.com/corp\` covers all below it. They are case sensitive, are not trimmed, and know no \`...\`, no scheme and no regular expressions; \`modgate config check\` refuses those.
- **Private modules** go to \`direct\` and to upstreams with \`private: true\` alone, and are never looked up in the checksum database.
- **Secrets** belong in files (\`credentialsFile\`, \`headersFile\`). User names and passwords of URLs, values of their queries, added headers and environments are masked wherever configuration is shown.
`;

const errorsIntro = `# Errors

Made from the code by \`npm run docs\`.

## Answers to requests

Every request ends in one verdict. A refusal on a protocol route is text/plain that \`go\` prints under "server response:"; its last line has the request id and one of these codes.
`;

const findingsIntro = `## Findings about the configuration

\`modgate config check\` prints them; an error keeps the configuration from being served, a warning does not. \`modgate explain CODE\` prints a line of this table.
`;

const auditIntro = `## Findings about a module cache

\`modgate audit-cache\` prints them, the worst first; errors and warnings make its exit code 1.
`;

const doctorIntro = `## Findings about go on a machine

\`modgate doctor\` prints them, the worst first, each with the command that mends it there; any of them makes its exit code 1.
`;

run();
