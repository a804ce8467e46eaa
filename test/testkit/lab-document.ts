import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import * as z from "zod";
import { checkGolden } from "./golden.ts";

const rowSchema = z.strictObject({
  values: z.record(z.string(), z.string()),
  outcome: z.string().min(1),
  did: z.string().min(1),
  exitCode: z.int().nullable(),
  message: z.string(),
  facts: z.record(z.string(), z.string()),
  advice: z.string().nullable(),
  command: z.string().nullable(),
  evidence: z
    .strictObject({ answers: z.array(z.string()), goSum: z.array(z.string()), zips: z.array(z.string()) })
    .nullable(),
});
const tableSchema = z.strictObject({
  title: z.string().min(1),
  notes: z.array(z.string()),
  axes: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string(),
      values: z.array(z.string()).min(1),
      isKept: z.boolean().default(false),
    }),
  ),
  columns: z.array(z.string()),
  hasLegend: z.boolean(),
  rows: z.array(rowSchema).min(1),
});

/** What a lab observed, as --json has it. */
export const labSchema = z.strictObject({
  lab: z.string(),
  title: z.string().min(1),
  go: z.string().regex(/^go\d/),
  tables: z.array(tableSchema).min(1),
});

const documentSchema = z.strictObject({
  schemaVersion: z.literal(1),
  command: z.string(),
  exitCode: z.literal(0),
  data: labSchema,
});

export type LabDocument = z.infer<typeof documentSchema>;

/** The document of `modgate lab NAME --json`; throws where it is none. */
export function labDocument(name: string, stdout: string): LabDocument {
  const document = documentSchema.parse(JSON.parse(stdout));
  if (document.command !== `lab ${name}` || document.data.lab !== name) throw new Error(`This is of no lab ${name}`);
  return document;
}

/** Compares a page with docs/labs/NAME.md, and skips the test where that was made with another go. */
export async function checkLabPage(t: TestContext, name: string, page: string): Promise<void> {
  const path = join(import.meta.dirname, `../../docs/labs/${name}.md`);
  const versionOf = (text: string): string => / with (go\S+):/.exec(text)?.[1] ?? "";
  const have = existsSync(path) ? await readFile(path, "utf8") : "";
  if (have !== "" && versionOf(have) !== versionOf(page)) {
    t.skip(`made with ${versionOf(have)}`);
    return;
  }
  await checkGolden(`../../docs/labs/${name}.md`, page);
}
