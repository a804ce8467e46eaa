import { createHash } from "node:crypto";
import { Problem } from "../kernel/problem.ts";
import { fields } from "./fields.ts";
import { quote } from "./quote.ts";

/** A checksum database: its name, the verifier key `name+hash+key`, and where it is asked. */
export interface SumdbSpec {
  readonly name: string;
  readonly key: string;
  /** Null: `https://` and the name. */
  readonly url: string | null;
}

// https://go.dev/ref/mod#environment-variables, GOSUMDB: the one key that go has built in.
const knownKeys: ReadonlyMap<string, string> = new Map([
  ["sum.golang.org", "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"],
]);

/**
 * Reads a GOSUMDB value: `off` (null), `sum.golang.org` and its alias `sum.golang.google.cn`, or
 * `NAME+HASH+KEY`, each with an optional URL (GO-FACTS G.1). CONFIG_INVALID where the key, its hash, the
 * name or the URL is wrong.
 */
export function parseSumdbSpec(text: string): SumdbSpec | null {
  if (text === "off") return null;
  const aliased = text === "sum.golang.google.cn" ? "sum.golang.org https://sum.golang.google.cn" : text;
  const [word, url = null, ...more] = fields(aliased);
  if (word === undefined) throw invalid(text, "it is blank; off switches the checksum database off");
  if (more.length > 0) throw invalid(text, "it has more than a key and a URL");
  const key = knownKeys.get(word) ?? word;
  const name = verifiedName(key, text);
  if (url !== null && !(/^https?:\/\/[^/]/i.test(url) && URL.canParse(url)))
    throw invalid(text, "its URL is no http URL");
  return { name, key, url };
}

// The name in a verifier key, after checking that its hash belongs to name and key.
// https://pkg.go.dev/golang.org/x/mod/sumdb/note#hdr-Verifying_Notes
function verifiedName(key: string, text: string): string {
  const match = /^([^+]+)\+([0-9a-fA-F]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(key);
  if (match === null) throw invalid(text, "it is no verifier key NAME+HASH+KEY, and no database that is known by name");
  const [, name = "", hash = "", base64 = ""] = match;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) throw invalid(text, "its key is no base64");
  const want = createHash("sha256").update(`${name}\n`).update(bytes).digest("hex").slice(0, 8);
  if (want !== hash.toLowerCase()) throw invalid(text, `its hash is ${hash} where name and key give ${want}`);
  if (bytes[0] !== 1 || bytes.length !== 33) throw invalid(text, "its key is no Ed25519 key");
  if (!/^[A-Za-z0-9.-]+(?::[0-9]+)?(?:\/[A-Za-z0-9._~-]+)*$/.test(name)) {
    throw invalid(text, `its name ${quote(name)} is no host with an optional path`);
  }
  return name;
}

function invalid(text: string, reason: string): Problem {
  return new Problem("CONFIG_INVALID", `Cannot read ${quote(text)} as a checksum database: ${reason}`, {
    hint: "write it as GOSUMDB: sum.golang.org, NAME+HASH+KEY, NAME+HASH+KEY URL, or off",
  });
}
