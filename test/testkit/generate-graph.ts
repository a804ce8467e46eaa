import { seededRandom } from "../../src/kernel/random.ts";
import { moduleTree, type ModuleSource, type ModuleTree } from "./module-tree.ts";

/** What a generated graph looks like; the same values give the same bytes. */
export interface GraphShape {
  readonly modules: number;
  readonly seed?: number;
  /** How many modules one imports at most. */
  readonly fanOut?: number;
  /** How many layers the graph has: modules of a layer import modules of deeper layers alone. */
  readonly depth?: number;
  /** Bytes that do not compress, added to each zip. */
  readonly zipBytes?: number;
  /** Go files beside the package's own, with comments that compress as sources do. */
  readonly filler?: { readonly files: number; readonly bytesEach: number };
}

export interface GeneratedGraph {
  readonly tree: ModuleTree;
  /** A main module that needs every module of the graph, go.sum complete. */
  readonly main: { readonly goMod: string; readonly goSum: string; readonly files: Readonly<Record<string, string>> };
  /** `module@version` of each, in order. */
  readonly names: readonly string[];
}

/** Modules `gen.example/mN` v1.0.0 with one package each, which import one another and build. */
export async function generateGraph(shape: GraphShape): Promise<GeneratedGraph> {
  const random = seededRandom(shape.seed ?? 1);
  const layers = Math.max(1, shape.depth ?? 6);
  const fanOut = shape.fanOut ?? 4;
  const layerOf = (index: number): number => Math.floor((index * layers) / shape.modules);
  const imports: number[][] = [];
  const sources: ModuleSource[] = [];
  for (let index = 0; index < shape.modules; index++) {
    const firstDeeper = Array.from({ length: shape.modules - index }, (_, step) => index + step).find(
      (other) => layerOf(other) > layerOf(index),
    );
    const chosen = new Set<number>();
    if (firstDeeper !== undefined) {
      for (let count = 0; count < fanOut; count++) {
        chosen.add(firstDeeper + Math.floor(random() * (shape.modules - firstDeeper)));
      }
    }
    imports.push([...chosen].sort((left, right) => left - right));
  }
  const reach = reachable(imports);
  for (let index = 0; index < shape.modules; index++) {
    sources.push(source(index, imports[index] ?? [], reach[index] ?? new Set(), shape, random));
  }
  const tree = await moduleTree(sources);
  const names = sources.map((entry) => `${entry.path}@${entry.version}`);
  const all = sources.map((_, index) => index);
  return {
    tree,
    names,
    main: {
      goMod: goModOf("gen.example/main", all, all),
      goSum: tree.goSum(),
      files: { "main.go": packageOf("main", all, "func main() { println(sum()) }\n") },
    },
  };
}

function source(
  index: number,
  imports: readonly number[],
  reach: ReadonlySet<number>,
  { zipBytes = 0, filler = { files: 0, bytesEach: 0 } }: GraphShape,
  random: () => number,
): ModuleSource {
  const files: Record<string, string | Uint8Array> = {
    [`m${index}.go`]: packageOf(`m${index}`, imports, `func Sum() int { return ${index} + sum() }\n`),
  };
  if (zipBytes > 0) files["data.bin"] = noise(zipBytes, random);
  for (let count = 0; count < filler.files; count++) {
    files[`filler${count}.go`] = `package m${index}\n\n${words(filler.bytesEach, random)}`;
  }
  return {
    path: `gen.example/m${index}`,
    version: "v1.0.0",
    goMod: goModOf(`gen.example/m${index}`, imports, [...reach]),
    files,
    stored: zipBytes > 0,
  };
}

function goModOf(path: string, direct: readonly number[], all: readonly number[]): string {
  const isDirect = new Set(direct);
  const sorted = [...all].sort((left, right) => left - right);
  const lines = sorted.map((index) => `\tgen.example/m${index} v1.0.0${isDirect.has(index) ? "" : " // indirect"}\n`);
  return `module ${path}\n\ngo 1.21\n${lines.length > 0 ? `\nrequire (\n${lines.join("")})\n` : ""}`;
}

function packageOf(name: string, imports: readonly number[], rest: string): string {
  const lines = imports.map((index) => `\t"gen.example/m${index}"\n`).join("");
  const sum = imports.map((index) => `m${index}.Sum()`).join(" + ") || "0";
  return `package ${name}\n\n${lines ? `import (\n${lines})\n\n` : ""}func sum() int { return ${sum} }\n\n${rest}`;
}

function reachable(imports: readonly (readonly number[])[]): Set<number>[] {
  const reach: Set<number>[] = imports.map(() => new Set<number>());
  // Imports lead to higher numbers alone, so those are complete when they are needed.
  for (let index = imports.length - 1; index >= 0; index--) {
    for (const next of imports[index] ?? []) {
      reach[index]?.add(next);
      for (const further of reach[next] ?? []) reach[index]?.add(further);
    }
  }
  return reach;
}

/** Comment lines of made-up words, about `bytes` long; they compress to about a third, as sources do. */
function words(bytes: number, random: () => number): string {
  let text = "";
  while (text.length < bytes) {
    let line = "//";
    while (line.length < 90) line += ` ${Math.floor(random() * 50_000).toString(36)}`;
    text += `${line}\n`;
  }
  return text;
}

/** Bytes that do not compress, the same for the same row of random numbers. */
export function noise(bytes: number, random: () => number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = Math.floor(random() * 4294967296) | 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, bytes);
}
