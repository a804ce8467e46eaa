import { hashBytes } from "./merkle.ts";
import { type NoteVerifier, openNote } from "./signed-note.ts";

/** What a tree is known by: how many records it has, and its root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Buffer;
}

/** A tree head with the note that the database has signed. */
export interface SignedHead extends TreeHead {
  readonly note: string;
}

/** The tree head, or why there is none, in words that follow "the tree head". */
export type HeadReading =
  | { readonly kind: "head"; readonly head: SignedHead }
  | { readonly kind: "fault"; readonly reason: string };

/** Reads and verifies a signed tree head. */
export function openTreeHead(note: string, verifier: NoteVerifier): HeadReading {
  const reading = openNote(note, verifier);
  if (reading.kind === "fault") return reading;
  const tree = parseTreeHead(reading.text);
  if (tree === null) return { kind: "fault", reason: "is signed and no description of a tree" };
  return { kind: "head", head: { ...tree, note } };
}

/**
 * Reads `go.sum database tree`, the number of records and the root in base64, a line each; further lines are for later
 * versions of the format and ignored. Null where it is none, or has more records than 2^53.
 * https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#ParseTree
 */
export function parseTreeHead(text: string): TreeHead | null {
  const [title, count = "", base64 = "", ...rest] = text.split("\n");
  if (title !== "go.sum database tree" || rest.length === 0) return null;
  const size = parseCount(count);
  const root = Buffer.from(base64, "base64");
  if (size === null || root.length !== hashBytes || root.toString("base64") !== base64) return null;
  return { size, root };
}

/** A number from 0, written in its one way; null for anything else and beyond 2^53. */
export function parseCount(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
