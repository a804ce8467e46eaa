import { isModuleHash } from "../gomod/go-sum.ts";
import { type NoteVerifier, utf8Text } from "./signed-note.ts";
import { openTreeHead, parseCount, type SignedHead } from "./tree-head.ts";

/** What the database says of one version; proved only once the record is found in the tree. */
export interface LookupAnswer {
  /** The place of the record in the tree. */
  readonly record: number;
  /** The record itself, lines of a go.sum. */
  readonly text: string;
  readonly zip: string;
  readonly mod: string;
  readonly head: SignedHead;
}

/** The answer, or why it is none, in words that follow "the answer". */
export type LookupReading =
  | { readonly kind: "answer"; readonly answer: LookupAnswer }
  | { readonly kind: "fault"; readonly reason: string };

/**
 * Reads the answer to a lookup: the record's number, the record, a blank line and the signed tree head, whose
 * signature is verified. The record must have one h1 for the zip and one for the go.mod of the version; other
 * lines are ignored. https://go.dev/design/25530-sumdb#checksum-database
 */
export function parseLookupAnswer(
  bytes: Uint8Array,
  wanted: { readonly module: string; readonly version: string },
  verifier: NoteVerifier,
): LookupReading {
  const all = utf8Text(bytes);
  if (all === null) return fault("is no UTF-8");
  const firstEnd = all.indexOf("\n");
  const textEnd = all.indexOf("\n\n", firstEnd + 1);
  if (firstEnd < 0 || textEnd < 0) return fault("is no record with a signed tree head");
  const record = parseCount(all.slice(0, firstEnd));
  const text = all.slice(firstEnd + 1, textEnd + 1);
  if (record === null) return fault("does not begin with the number of a record");
  if (text === "\n" || /[\u0000-\u0009\u000b-\u001f]/.test(text)) return fault("has a record that is no text");
  const reading = openTreeHead(all.slice(textEnd + 2), verifier);
  if (reading.kind === "fault") return fault(`has a tree head that ${reading.reason}`);
  const { module, version } = wanted;
  const zip = hashIn(text, `${module} ${version} `);
  const mod = hashIn(text, `${module} ${version}/go.mod `);
  if (zip === null || mod === null) {
    return fault(`has a record without one h1 for ${zip === null ? "the zip" : "go.mod"} of ${module}@${version}`);
  }
  return { kind: "answer", answer: { record, text, zip, mod, head: reading.head } };
}

// Lines of algorithms that are not known yet are no business of ours; two different h1 would be.
function hashIn(text: string, start: string): string | null {
  const hashes = text
    .split("\n")
    .filter((line) => line.startsWith(`${start}h1:`))
    .map((line) => line.slice(start.length));
  const [first] = hashes;
  if (first === undefined || hashes.some((other) => other !== first)) return null;
  return isModuleHash(first) ? first : null;
}

function fault(reason: string): LookupReading {
  return { kind: "fault", reason };
}
