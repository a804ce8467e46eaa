import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type YAMLError,
} from "yaml";
import type { Fault, KeyPath } from "./fault.ts";
import { maskUrls } from "./mask.ts";

/** A YAML (or JSON) text that has been read, and where everything in it stands. */
export interface YamlSource {
  /** Null where the text is empty. */
  readonly data: unknown;
  /** `name:line:col` of the key or the value at a path; of the nearest thing around it where there is none. */
  readonly placeOf: (path: KeyPath, at: "key" | "value") => string;
}

const maxBytes = 1024 * 1024;
const maxAliases = 100;
const maxFaults = 20;

/**
 * Reads a text as one YAML 1.2 document. Faults in place of a source: more than 1 MiB, no UTF-8, syntax,
 * keys that stand twice, unknown tags, aliases that blow up, nesting without end.
 */
export function readYaml(content: Uint8Array | string, name: string): YamlSource | readonly Fault[] {
  const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
  const fault = (message: string): Fault[] => [{ place: name, path: "", message }];
  if (bytes > maxBytes) return fault(`has ${(bytes / maxBytes).toFixed(1)} MiB; want at most 1 MiB`);
  const text = decode(content);
  if (text === null) return fault("is not UTF-8; want YAML in UTF-8");
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      logLevel: "error",
    });
    const errors: readonly YAMLError[] = [...document.errors, ...document.warnings];
    if (errors.length > 0) return syntaxFaults(errors, text, place);
    const unresolved = unresolvedAlias(document);
    if (unresolved !== null) {
      const message = `the alias *${unresolved.name} has no anchor; want &${unresolved.name} before it`;
      return [{ place: place(unresolved.offset), path: "", message }];
    }
    const data: unknown = document.toJS({ maxAliasCount: maxAliases });
    return { data, placeOf: (path, at) => place(offsetOf(document, path, at)) };
  } catch (error) {
    if (error instanceof RangeError) return fault("nests too deep; want maps and lists a few levels deep");
    if (error instanceof ReferenceError)
      return fault(`its aliases grow beyond ${maxAliases} copies; want fewer aliases of aliases`);
    throw error;
  }
}

function decode(content: Uint8Array | string): string | null {
  if (typeof content === "string") return content;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

const wants: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "want spaces for indentation",
  MULTIPLE_DOCS: "want one document, without a second ---",
  BLOCK_AS_IMPLICIT_KEY: "want the value in quotes where it holds a colon and a space",
  BAD_SCALAR_START: "want the value in quotes where it starts with a special sign",
  MISSING_CHAR: "want quotes and brackets closed on the line they belong to",
  BAD_INDENT: "want entries of one map or list in the same column",
  TAG_RESOLVE_FAILED: "want plain values without !tags",
  NON_STRING_KEY: "want a plain key",
};

function syntaxFaults(errors: readonly YAMLError[], text: string, place: (offset: number) => string): Fault[] {
  if (errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) {
    const message = "nests too deep; want maps and lists a few levels deep";
    return [{ place: place(errors[0]?.pos[0] ?? 0), path: "", message }];
  }
  return errors.slice(0, maxFaults).map((error) => {
    const offset = error.pos[0];
    if (error.code === "DUPLICATE_KEY") {
      const key = /^["']?([^"':\n]{1,60})/.exec(text.slice(offset))?.[1]?.trim() ?? "";
      return { place: place(offset), path: key, message: "stands twice in the same map; want it once" };
    }
    const problem = maskUrls(error.message.replace(/\s+/g, " ")).slice(0, 120);
    return {
      place: place(offset),
      path: "",
      message: `is no YAML: ${problem}; ${wants[error.code] ?? "want YAML 1.2"}`,
    };
  });
}

function unresolvedAlias(document: Document): { name: string; offset: number } | null {
  let found: { name: string; offset: number } | null = null;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = { name: alias.source, offset: alias.range?.[0] ?? 0 };
      return visit.BREAK;
    },
  });
  return found;
}

function offsetOf(document: Document, path: KeyPath, at: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [index, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
      if (isLast && at === "key") return offset;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
    } else {
      return offset;
    }
    if (isNode(node)) offset = node.range?.[0] ?? offset;
  }
  return offset;
}
