import { createHash } from "node:crypto";

/** The public half of the key that signs notes. */
export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of the SHA-256 of name and key, as a big-endian number. */
  readonly hash: number;
  /** The 32 bytes of an Ed25519 public key. */
  readonly publicKey: Buffer;
}

/** The key, or why the text is none, in words that follow a colon. */
export type VerifierKeyReading =
  | { readonly kind: "key"; readonly key: VerifierKey }
  | { readonly kind: "fault"; readonly reason: string };

/**
 * Reads a verifier key `NAME+HASH+KEY`, whose hash must belong to name and key. Any name without white space and
 * plus signs will do. https://pkg.go.dev/golang.org/x/mod/sumdb/note#hdr-Verifying_Notes
 */
export function parseVerifierKey(text: string): VerifierKeyReading {
  const match = /^([^+]+)\+([0-9a-fA-F]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text);
  if (match === null) return fault("it is no verifier key NAME+HASH+KEY");
  const [, name = "", hash = "", base64 = ""] = match;
  if (!isSignerName(name)) return fault("its name has white space");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return fault("its key is no base64");
  const want = createHash("sha256").update(`${name}\n`).update(bytes).digest("hex").slice(0, 8);
  if (want !== hash.toLowerCase()) return fault(`its hash is ${hash} where name and key give ${want}`);
  // 1 stands for Ed25519.
  if (bytes[0] !== 1 || bytes.length !== 33) return fault("its key is no Ed25519 key");
  return { kind: "key", key: { name, hash: Number.parseInt(want, 16), publicKey: bytes.subarray(1) } };
}

/** True for a name that a note can be signed under: not empty, without white space and plus signs. */
export function isSignerName(name: string): boolean {
  return name !== "" && !/[+\p{White_Space}]/u.test(name);
}

function fault(reason: string): VerifierKeyReading {
  return { kind: "fault", reason };
}
