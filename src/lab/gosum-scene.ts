import { createHash } from "node:crypto";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Combination } from "./gosum-axes.ts";
import { labModule, sumLines } from "./lab-module.ts";
import { writeTexts } from "./lab-folder.ts";

/** The one dependency of every build in the lab. */
export const subject = { path: "lab.example/hello", version: "v1.0.0", name: "lab.example/hello@v1.0.0" } as const;

/** The dependency as it was published. */
export const honestModule = labModule({
  path: subject.path,
  version: subject.version,
  files: { "hello.go": 'package hello\n\nconst Greeting = "hello"\n' },
});

/** Lays out the main module and the module cache of one row below its folder. */
export async function layOutRow(
  { sum, cache }: Combination,
  { folder, filledCache }: { readonly folder: string; readonly filledCache: string },
): Promise<{ readonly project: string; readonly goPath: string }> {
  const project = join(folder, "project");
  const goPath = join(folder, "gopath");
  const goSum = goSumOf(sum);
  await writeTexts(project, {
    "go.mod": `module lab.example/app\n\ngo 1.21\n\nrequire ${subject.path} ${subject.version}\n`,
    "app.go": `package app\n\nimport "${subject.path}"\n\nconst Greeting = hello.Greeting\n`,
    ...(goSum === "" ? {} : { "go.sum": goSum }),
  });
  if (cache === "yes") await cp(filledCache, goPath, { recursive: true });
  else await mkdir(goPath);
  return { project, goPath };
}

/** The lines that a run has added to the go.sum of a row. */
export async function linesAdded({ sum }: Combination, project: string): Promise<string[]> {
  const before = new Set(goSumOf(sum).split("\n"));
  const after = await readFile(join(project, "go.sum"), "utf8").catch(() => "");
  return after.split("\n").filter((line) => !before.has(line));
}

// A hash as go.sum could have it, of other bytes.
const wrongHash = `h1:${createHash("sha256").update("other bytes").digest("base64")}`;

function goSumOf(sum: Combination["sum"]): string {
  switch (sum) {
    case "has":
      return sumLines(honestModule);
    case "lacks":
      return "";
    case "wrong":
      return sumLines({ ...honestModule, zipHash: wrongHash });
  }
}
