import type * as z from "zod";
import type { Fault, KeyPath } from "./fault.ts";
import { pathText } from "./fault.ts";
import { configJsonSchema, schemaAt } from "./file-schema.ts";
import { nearest } from "./nearest.ts";
import { settingList } from "./settings.ts";

/** Where the checked value stands. */
export interface IssueContext {
  /** The path of the checked value in the file, [] for the whole file. */
  readonly root: KeyPath;
  readonly placeOf: (path: KeyPath, at: "key" | "value") => string;
}

/** Turns what zod found into faults with their places, one for each place. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], context: IssueContext): Fault[] {
  const faults = issues.flatMap((issue) => describeIssue(issue, context));
  faults.sort((one, other) => one.place.localeCompare(other.place, "en", { numeric: true }));
  // Of several checks on one value the first says it best.
  return faults.filter((fault, index) => faults.findIndex(({ path }) => path === fault.path) === index);
}

function describeIssue(issue: z.core.$ZodIssue, context: IssueContext): Fault[] {
  const path = [...context.root, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
  if (issue.code === "unrecognized_keys") {
    // Made here alone: it takes longer than reading a configuration in which nothing is wrong.
    const known = Object.keys(schemaAt(configJsonSchema(), path)?.properties ?? {});
    return issue.keys.map((key) => ({
      place: context.placeOf([...path, key], "key"),
      path: pathText([...path, key]),
      message: `is no setting; ${suggestion(key, path, known)}`,
    }));
  }
  const isKey = issue.code === "invalid_key";
  const message = isKey ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ place: context.placeOf(path, isKey ? "key" : "value"), path: pathText(path), message }];
}

function suggestion(key: string, path: KeyPath, known: readonly string[]): string {
  const dotted = settingList.find((setting) => setting.key === key);
  if (dotted !== undefined) {
    const [group = "", name = ""] = key.split(".");
    return `want it below its group, ${group}: {${name}: …}`;
  }
  const near = nearest(key, known);
  if (near !== null) return `want ${near}`;
  const elsewhere = settingList.find((setting) => setting.key.endsWith(`.${key}`) && path.length === 0);
  if (elsewhere !== undefined) return `want ${elsewhere.key}`;
  return `want one of ${known.join(", ")}`;
}
