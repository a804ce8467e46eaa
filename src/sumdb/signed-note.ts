import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { isSignerName, parseVerifierKey } from "../gomod/verifier-key.ts";
import { Problem } from "../kernel/problem.ts";

/** Who verifies the signatures of one key. */
export interface NoteVerifier {
  readonly name: string;
  readonly hash: number;
  readonly publicKey: KeyObject;
}

/** A note of at least one good signature of the verifier, or why it is none, in words that follow "the note". */
export type NoteReading =
  | { readonly kind: "signed"; readonly text: string }
  | { readonly kind: "fault"; readonly reason: string };

// Go reads no tree head beyond this, and no more signatures than this.
const maxBytes = 1_000_000;
const maxSignatures = 100;

// The beginning of an Ed25519 key in the form that node reads. https://www.rfc-editor.org/rfc/rfc8410#section-4
const ed25519Header = Buffer.from("302a300506032b6570032100", "hex");

/** The verifier of a key `NAME+HASH+KEY`; CONFIG_INVALID where the text is none. */
export function noteVerifier(text: string): NoteVerifier {
  const reading = parseVerifierKey(text);
  if (reading.kind === "fault") {
    throw new Problem("CONFIG_INVALID", `Cannot verify with the key ${JSON.stringify(text)}: ${reading.reason}`);
  }
  const { name, hash, publicKey } = reading.key;
  const der = Buffer.concat([ed25519Header, publicKey]);
  return { name, hash, publicKey: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

/**
 * Reads a signed note: its text, a blank line, then lines `— NAME BASE64`. Signatures of other keys are ignored, a
 * wrong one of this key is a fault, and so is a note without any of it. UTF-8 without control characters but line
 * breaks, at most 1,000,000 bytes and 100 signatures. Stricter than Go in one thing: the base64 must be written
 * in its one way, so that no two notes differ in nothing. https://pkg.go.dev/golang.org/x/mod/sumdb/note#Open
 */
export function openNote(note: string, verifier: NoteVerifier): NoteReading {
  if (Buffer.byteLength(note) > maxBytes) return fault(`is longer than ${maxBytes} bytes`);
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.isWellFormed()) return fault("has control characters");
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n") || note.length <= split + 2)
    return fault("has no signatures after a blank line");
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > maxSignatures) return fault(`has more than ${maxSignatures} signatures`);
  let isSigned = false;
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return fault("has a signature line that is none");
    if (signature.name !== verifier.name || signature.hash !== verifier.hash) continue;
    // Go looks at the first of several signatures by one key.
    if (isSigned) continue;
    if (!isSignatureOf(text, signature.bytes, verifier)) return fault(`has a wrong signature of ${verifier.name}`);
    isSigned = true;
  }
  return isSigned ? { kind: "signed", text } : fault(`has no signature of the known key of ${verifier.name}`);
}

/** The text that bytes stand for; null where they are no UTF-8, so that text and bytes never differ. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

interface Signature {
  readonly name: string;
  readonly hash: number;
  readonly bytes: Buffer;
}

function parseSignature(line: string): Signature | null {
  const [, name = "", base64 = ""] = /^\u2014 ([^ ]*) (.*)$/.exec(line) ?? [];
  const bytes = Buffer.from(base64, "base64");
  if (!isSignerName(name) || bytes.length < 5 || bytes.toString("base64") !== base64) return null;
  return { name, hash: bytes.readUInt32BE(0), bytes: bytes.subarray(4) };
}

function isSignatureOf(text: string, signature: Buffer, { publicKey }: NoteVerifier): boolean {
  return signature.length === 64 && verify(null, Buffer.from(text), publicKey, signature);
}

function fault(reason: string): NoteReading {
  return { kind: "fault", reason };
}
