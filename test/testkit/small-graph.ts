import { moduleTree, type ModuleSource, type ModuleTree } from "./module-tree.ts";

/** The pseudo-versions of GO-FACTS B: two of example.com/c, and the head of example.com/a's main branch. */
export const C1 = "v0.0.0-20240101000000-abcdefabcdef";
export const C2 = "v0.0.0-20240201000000-123456abcdef";
export const PSEUDO = "v1.3.1-0.20240110000000-feedfacefeed";

const upper = "example.com/Upper/CamelCase";

function goMod(path: string, ...lines: string[]): string {
  return [`module ${path}`, "", "go 1.21", "", ...lines].join("\n") + "\n";
}

const withDependencies = goMod(
  "example.com/a",
  "require (",
  "\texample.com/b v1.1.0",
  `\t${upper} v1.0.0`,
  `\texample.com/c ${C1} // indirect`,
  ")",
);
const aImportsAll = {
  "a.go": `package a\n\nimport (\n\t"example.com/b"\n\tupper "${upper}"\n)\n\nfunc Name() string { return "a" + b.Name() + upper.Name() }\n`,
};
const aImportsB = { "a.go": `package a\n\nimport "example.com/b"\n\nfunc Name() string { return "a" + b.Name() }\n` };
const plain = (name: string): Record<string, string> => ({
  [`${name}.go`]: `package ${name}\n\nfunc Name() string { return "${name}" }\n`,
});

const sources: readonly ModuleSource[] = [
  { path: "example.com/a", version: "v1.0.0", files: plain("a") },
  {
    path: "example.com/a",
    version: "v1.1.0",
    goMod: goMod("example.com/a", "require example.com/b v1.0.0"),
    files: aImportsB,
  },
  { path: "example.com/a", version: "v1.2.0", goMod: withDependencies, files: aImportsAll },
  {
    path: "example.com/a",
    version: "v1.3.0",
    goMod: withDependencies,
    files: aImportsAll,
    time: "2024-01-09T00:00:00Z",
    origin: { VCS: "git", URL: "https://example.com/a", Ref: "refs/tags/v1.3.0", Hash: "feedface".repeat(5) },
  },
  { path: "example.com/a", version: "v1.4.0-RC1", files: plain("a") },
  {
    path: "example.com/a",
    version: PSEUDO,
    files: plain("a"),
    refs: ["main", "feedfacefeed"],
    time: "2024-01-10T00:00:00Z",
  },
  { path: "example.com/a/v2", version: "v2.0.0", files: plain("a") },
  { path: "example.com/b", version: "v1.0.0", files: plain("b") },
  {
    path: "example.com/b",
    version: "v1.1.0",
    goMod: goMod("example.com/b", `require example.com/c ${C1}`),
    files: { "b.go": `package b\n\nimport "example.com/c"\n\nfunc Name() string { return "b" + c.Name() }\n` },
  },
  { path: "example.com/c", version: C1, files: plain("c") },
  { path: "example.com/c", version: C2, files: plain("c"), time: "2024-02-01T00:00:00Z" },
  { path: upper, version: "v1.0.0", files: plain("camelcase") },
  { path: "example.com/fork", version: "v1.0.1", goMod: goMod("example.com/a"), files: plain("a") },
  { path: "example.com/inc", version: "v1.0.0", goMod: null, files: plain("inc") },
  { path: "example.com/inc", version: "v2.0.0+incompatible", goMod: null, files: plain("inc") },
  { path: "example.com/retr", version: "v1.0.0", files: plain("retr") },
  { path: "example.com/retr", version: "v1.1.0", files: plain("retr") },
  {
    path: "example.com/retr",
    version: "v1.2.0",
    goMod: goMod("example.com/retr", "retract (", "\tv1.1.0 // broken", "\tv1.2.0 // only retracts", ")"),
    files: plain("retr"),
  },
  { path: "example.com/dep", version: "v1.0.0", files: plain("dep") },
  {
    path: "example.com/dep",
    version: "v1.1.0",
    goMod: `// Deprecated: use example.com/a\nmodule example.com/dep\n\ngo 1.21\n`,
    files: plain("dep"),
  },
  {
    path: "example.com/tool",
    version: "v1.0.0",
    goMod: goMod("example.com/tool", "require example.com/a v1.1.0", "", "require example.com/b v1.0.0 // indirect"),
    files: { "main.go": `package main\n\nimport "example.com/a"\n\nfunc main() { println(a.Name()) }\n` },
  },
  {
    path: "example.com/mono",
    version: "v1.0.0",
    files: {
      "mono.go": 'package mono\n\nconst Name = "mono"\n',
      "sub/sub.go": 'package sub\n\nfunc Name() string { return "sub" }\n',
      "cmd/hello/main.go": 'package main\n\nfunc main() { println("hello") }\n',
    },
  },
  { path: "example.com/toonew", version: "v1.0.0", goMod: "module example.com/toonew\n\ngo 1.99\n" },
];

/** The module graph of GO-FACTS B: main → a v1.2.0 → b v1.1.0, Upper/CamelCase v1.0.0, c C1, and the odd ones. */
export function smallGraph(further: readonly ModuleSource[] = []): Promise<ModuleTree> {
  return moduleTree([...sources, ...further]);
}

/** The main module of that graph, for goProject(): a v1.2.0 required and imported, go.sum complete. */
export function smallGraphMain(tree: ModuleTree): { goMod: string; goSum: string; files: Record<string, string> } {
  const required = ["example.com/a@v1.2.0", "example.com/b@v1.1.0", `${upper}@v1.0.0`, `example.com/c@${C1}`];
  const [direct = "", ...indirect] = required.map((name) => name.replace("@", " "));
  return {
    goMod: goMod(
      "example.com/main",
      `require ${direct}`,
      "",
      "require (",
      ...indirect.map((line) => `\t${line} // indirect`),
      ")",
    ),
    goSum: tree.goSum(required),
    files: { "main.go": `package main\n\nimport "example.com/a"\n\nfunc main() { println(a.Name()) }\n` },
  };
}
