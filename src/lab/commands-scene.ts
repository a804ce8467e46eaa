import { type LabModule, labModule, sumLines } from "./lab-module.ts";
import { type LabTree, labTree } from "./lab-tree.ts";

const host = "lab.example";
const first = "v0.0.0-20240101000000-abcdefabcdef";
const second = "v0.0.0-20240201000000-123456abcdef";
const head = "v1.3.1-0.20240110000000-feedfacefeed";
const upper = `${host}/Upper/CamelCase`;

function goMod(path: string, ...lines: readonly string[]): string {
  return `${[`module ${path}`, "", "go 1.21", "", ...lines].join("\n")}\n`;
}

function plain(name: string): Record<string, string> {
  return { [`${name}.go`]: `package ${name}\n\nfunc Name() string { return "${name}" }\n` };
}

const ofA = {
  goMod: goMod(
    `${host}/a`,
    "require (",
    `\t${host}/b v1.1.0`,
    `\t${upper} v1.0.0`,
    `\t${host}/c ${first} // indirect`,
    ")",
  ),
  files: {
    "a.go": `package a\n\nimport (\n\t"${host}/b"\n\tupper "${upper}"\n)\n\nfunc Name() string { return "a" + b.Name() + upper.Name() }\n`,
  },
};
const importsB = {
  "a.go": `package a\n\nimport "${host}/b"\n\nfunc Name() string { return "a" + b.Name() }\n`,
};

const modules: readonly LabModule[] = [
  { path: `${host}/a`, version: "v1.0.0", files: plain("a") },
  { path: `${host}/a`, version: "v1.1.0", goMod: goMod(`${host}/a`, `require ${host}/b v1.0.0`), files: importsB },
  { path: `${host}/a`, version: "v1.2.0", ...ofA },
  { path: `${host}/a`, version: "v1.3.0", ...ofA, time: "2024-01-09T00:00:00Z" },
  { path: `${host}/a`, version: "v1.4.0-RC1", files: plain("a") },
  { path: `${host}/a`, version: head, files: plain("a"), time: "2024-01-10T00:00:00Z" },
  { path: `${host}/b`, version: "v1.0.0", files: plain("b") },
  {
    path: `${host}/b`,
    version: "v1.1.0",
    goMod: goMod(`${host}/b`, `require ${host}/c ${first}`),
    files: { "b.go": `package b\n\nimport "${host}/c"\n\nfunc Name() string { return "b" + c.Name() }\n` },
  },
  { path: `${host}/c`, version: first, files: plain("c") },
  { path: `${host}/c`, version: second, files: plain("c"), time: "2024-02-01T00:00:00Z" },
  { path: upper, version: "v1.0.0", files: plain("camelcase") },
  { path: `${host}/retr`, version: "v1.0.0", files: plain("retr") },
  { path: `${host}/retr`, version: "v1.1.0", files: plain("retr") },
  {
    path: `${host}/retr`,
    version: "v1.2.0",
    goMod: goMod(`${host}/retr`, "retract (", "\tv1.1.0 // broken", "\tv1.2.0 // only retracts", ")"),
    files: plain("retr"),
  },
  {
    path: `${host}/tool`,
    version: "v1.0.0",
    goMod: goMod(`${host}/tool`, `require ${host}/a v1.1.0`, "", `require ${host}/b v1.0.0 // indirect`),
    files: { "main.go": `package main\n\nimport "${host}/a"\n\nfunc main() { println(a.Name()) }\n` },
  },
].map((source) => labModule(source));

/**
 * The modules of `lab commands`: a main module needs a v1.2.0, which needs b v1.1.0 and Upper/CamelCase v1.0.0, and b
 * needs a commit of c, which has no tag; a has a later release, a pre-release and a branch `main`, and retr has retracted
 * its two last versions.
 */
export const commandsTree: LabTree = labTree(modules, { [`${host}/a@main`]: head });

const required: readonly (readonly [string, string])[] = [
  [`${host}/a`, "v1.2.0"],
  [`${host}/b`, "v1.1.0"],
  [upper, "v1.0.0"],
  [`${host}/c`, first],
];

/** Where a command runs: a tidy main module, one that imports without requiring, an empty one, or outside of any. */
export type CommandPlace = "main" | "untidy" | "empty" | "outside";

/** The files of such a place. */
export function filesOf(place: CommandPlace): Record<string, string> {
  const main = `package main\n\nimport "${host}/a"\n\nfunc main() { println(a.Name()) }\n`;
  const empty = `module ${host}/main\n\ngo 1.21\n`;
  switch (place) {
    case "main": {
      const lines = required.map(
        ([path, version], index) => `\t${path} ${version}${index === 0 ? "" : " // indirect"}`,
      );
      const [direct = "", ...indirect] = lines;
      return {
        "go.mod": goMod(`${host}/main`, `require ${direct.trim()}`, "", "require (", ...indirect, ")"),
        "go.sum": required.map(([path, version]) => sumLines(find(path, version))).join(""),
        "main.go": main,
      };
    }
    case "untidy":
      return { "go.mod": empty, "main.go": main };
    case "empty":
      return { "go.mod": empty };
    case "outside":
      return {};
  }
}

function find(path: string, version: string): LabModule {
  const found = modules.find((module) => module.path === path && module.version === version);
  if (!found) throw new Error(`The lab has no ${path}@${version}`);
  return found;
}
