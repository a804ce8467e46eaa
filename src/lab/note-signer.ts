import { createHash, generateKeyPairSync, sign } from "node:crypto";

/** Signs notes under a name with an Ed25519 key of its own. https://pkg.go.dev/golang.org/x/mod/sumdb/note */
export interface NoteSigner {
  readonly name: string;
  /** `NAME+HASH+KEY`, as GOSUMDB takes it. */
  readonly verifierKey: string;
  /** The note with its signature line; `text` ends in a line break. */
  sign(text: string): string;
}

// Names Ed25519 in the hash and in the key.
const algorithm = Buffer.from([1]);

/** Makes a signer whose key nobody else has; the name has neither white space nor plus signs. */
export function makeNoteSigner(name: string): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  // The public key in that form ends in its 32 bytes. https://www.rfc-editor.org/rfc/rfc8410#section-4
  const key = Buffer.concat([algorithm, publicKey.export({ type: "spki", format: "der" }).subarray(-32)]);
  const hash = createHash("sha256").update(`${name}\n`).update(key).digest().subarray(0, 4);
  return {
    name,
    verifierKey: `${name}+${hash.toString("hex")}+${key.toString("base64")}`,
    sign(text) {
      const signature = Buffer.concat([hash, sign(null, Buffer.from(text), privateKey)]);
      return `${text}\n\u2014 ${name} ${signature.toString("base64")}\n`;
    },
  };
}
