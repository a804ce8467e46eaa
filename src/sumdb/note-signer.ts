import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { isSignerName } from "../gomod/verifier-key.ts";
import { Problem } from "../kernel/problem.ts";

/** An Ed25519 key that signs notes under a name. */
export interface NoteSigner {
  readonly name: string;
  /** `NAME+HASH+KEY`, for who verifies. */
  readonly verifierKey: string;
  /** The note of a text that ends in a line break. */
  sign(text: string): string;
}

// 1 stands for Ed25519.
const algorithm = Buffer.from([1]);
// The beginning of an Ed25519 private key in the form that node reads. https://www.rfc-editor.org/rfc/rfc8410#section-7
const pkcs8Header = Buffer.from("302e020100300506032b657004220420", "hex");

/** A new private key, `PRIVATE+KEY+NAME+HASH+KEY`. https://pkg.go.dev/golang.org/x/mod/sumdb/note#GenerateKey */
export function newSigningKey(name: string): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  const seed = privateKey.export({ type: "pkcs8", format: "der" }).subarray(-32);
  const hash = hashOf(name, rawPublicKey(privateKey)).toString("hex");
  return `PRIVATE+KEY+${name}+${hash}+${Buffer.concat([algorithm, seed]).toString("base64")}`;
}

/** The signer of a private key as newSigningKey() makes it; CONFIG_INVALID, without the key, where it is none. */
export function noteSigner(text: string): NoteSigner {
  const [, name = "", hash = "", base64 = ""] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = Buffer.from(base64, "base64");
  if (!isSignerName(name) || bytes.length !== 33 || bytes[0] !== 1) {
    throw new Problem("CONFIG_INVALID", "Cannot sign: the key is no PRIVATE+KEY+NAME+HASH+KEY of Ed25519");
  }
  const der = Buffer.concat([pkcs8Header, bytes.subarray(1)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = rawPublicKey(privateKey);
  const want = hashOf(name, publicKey);
  if (want.toString("hex") !== hash) {
    throw new Problem("CONFIG_INVALID", `Cannot sign: the hash of the private key of ${name} does not belong to it`);
  }
  return {
    name,
    verifierKey: `${name}+${hash}+${Buffer.concat([algorithm, publicKey]).toString("base64")}`,
    sign(note) {
      const signature = Buffer.concat([want, sign(null, Buffer.from(note), privateKey)]);
      return `${note}\n— ${name} ${signature.toString("base64")}\n`;
    },
  };
}

function rawPublicKey(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: "spki", format: "der" }).subarray(-32);
}

function hashOf(name: string, publicKey: Buffer): Buffer {
  return createHash("sha256").update(`${name}\n`).update(algorithm).update(publicKey).digest().subarray(0, 4);
}
