import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

/** An Ed25519 key that signs notes under a name. https://pkg.go.dev/golang.org/x/mod/sumdb/note */
export interface NoteSigner {
  readonly name: string;
  /** `name+hash+key`, as GOSUMDB takes it. */
  readonly verifierKey: string;
  /** The note with its signature line; `text` ends in a line break. */
  sign(text: string): string;
}

/** Makes a signer with a key of its own. */
export function noteSigner(name: string): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  // 1 names the algorithm, Ed25519, in hash and key.
  const key = Buffer.concat([Buffer.from([1]), rawPublicKey(publicKey)]);
  const hash = createHash("sha256").update(`${name}\n`).update(key).digest().subarray(0, 4);
  return {
    name,
    verifierKey: `${name}+${hash.toString("hex")}+${key.toString("base64")}`,
    sign(text) {
      const signature = Buffer.concat([hash, sign(null, Buffer.from(text), privateKey)]);
      return `${text}\n— ${name} ${signature.toString("base64")}\n`;
    },
  };
}

function rawPublicKey(key: KeyObject): Buffer {
  // SubjectPublicKeyInfo of Ed25519 ends in the 32 bytes of the key.
  return key.export({ type: "spki", format: "der" }).subarray(-32);
}
