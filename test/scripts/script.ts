import { matchesGlob, type Fault } from "../testkit/fault.ts";

/**
 * A script is a row of exchanges with a running gateway, each separated by an empty line:
 *
 *     > GET /example.com/a/@v/list          method and path; a second > line is a header
 *     < 200                                 the status, then headers: `*` stands for anything,
 *     < ETag: $etag                         $name keeps the value, and is that value from then on
 *     < !Warning                            a header that is not there
 *     | v1.0.0                              the whole body, line by line
 *     ~ v1.0.0                              or a part of it
 *     ^ GET /example.com/a/@v/list          what the upstream was asked meanwhile, in any order; ^ nothing
 *     ! *.info {"kind":"reset"}             before the request: from now on the upstream fails like that; ! none
 *     = until                               asks again, for up to 3 s, until all this is so
 *     # for the reader
 *
 * A line `@ {"cache":{"ttl":"0s"}}` anywhere adds to the configuration that the gateway starts with.
 */
export interface ScriptStep {
  /** Line of the script, from 1. */
  readonly line: number;
  readonly faults: readonly ({ readonly match: string; readonly fault: Fault } | "none")[];
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
  readonly expectedHeaders: readonly { readonly name: string; readonly value: string | null }[];
  readonly body: readonly string[];
  readonly parts: readonly string[];
  readonly upstream: readonly string[];
  readonly repeats: boolean;
}

/** What the script's @ lines add to the configuration; an own error of JSON where one is wrong. */
export function scriptConfig(text: string): Record<string, unknown> {
  const lines = text.split("\n").filter((line) => line.startsWith("@"));
  return Object.assign({}, ...lines.map((line) => JSON.parse(line.slice(1)) as Record<string, unknown>));
}

/** Reads a script; throws with the line where it is wrong. */
export function parseScript(text: string): ScriptStep[] {
  const steps: ScriptStep[] = [];
  let block: { line: number; text: string }[] = [];
  const flush = (): void => {
    if (block.some((entry) => entry.text.startsWith(">"))) steps.push(parseStep(block));
    block = [];
  };
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") flush();
    else if (!/^[#@]/.test(line)) block.push({ line: index + 1, text: line });
  }
  flush();
  return steps;
}

function parseStep(block: readonly { line: number; text: string }[]): ScriptStep {
  const rest = (sign: string): string[] =>
    block.filter(({ text }) => text.startsWith(sign)).map(({ text }) => text.slice(sign.length).replace(/^ /, ""));
  const [request = "", ...requestHeaders] = rest(">");
  const [method = "", path = ""] = request.split(" ");
  const [status = "", ...answerHeaders] = rest("<");
  const unknown = block.find(({ text }) => !/^[><|~^!=]/.test(text));
  if (unknown || !path || !/^[0-9]{3}$/.test(status)) {
    throw new Error(
      `Line ${unknown?.line ?? block[0]?.line}: want > METHOD PATH, < STATUS, and lines with > < | ~ ^ ! =`,
    );
  }
  return {
    line: block[0]?.line ?? 0,
    faults: rest("!").map(parseFault),
    method,
    path,
    headers: Object.fromEntries(requestHeaders.map((line) => splitHeader(line))),
    status: Number(status),
    expectedHeaders: answerHeaders.map((line) =>
      line.startsWith("!")
        ? { name: line.slice(1), value: null }
        : { name: splitHeader(line)[0], value: splitHeader(line)[1] },
    ),
    body: rest("|"),
    parts: rest("~"),
    upstream: rest("^"),
    repeats: rest("=").includes("until"),
  };
}

function parseFault(text: string): { match: string; fault: Fault } | "none" {
  if (text === "none") return "none";
  const at = text.indexOf(" ");
  return { match: text.slice(0, at), fault: JSON.parse(text.slice(at)) as Fault };
}

function splitHeader(line: string): [string, string] {
  const at = line.indexOf(":");
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/** Puts the kept values in place of their names. */
export function substitute(text: string, kept: ReadonlyMap<string, string>): string {
  return text.replace(/\$([a-z]+)/g, (name, key: string) => kept.get(key) ?? name);
}

/** Null where the value fits; keeps it where the pattern is a name that has none yet. */
export function mismatch(pattern: string, value: string | undefined, kept: Map<string, string>): string | null {
  if (value === undefined) return "is missing";
  const name = /^\$([a-z]+)$/.exec(pattern)?.[1];
  if (name !== undefined && !kept.has(name)) {
    kept.set(name, value);
    return null;
  }
  return matchesGlob(substitute(pattern, kept), value) ? null : `is ${JSON.stringify(value)}, not ${pattern}`;
}
