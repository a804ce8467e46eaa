import { Problem } from "../kernel/problem.ts";
import { fields } from "./fields.ts";
import { quote } from "./quote.ts";
import { parseVerifierKey } from "./verifier-key.ts";

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

function verifiedName(key: string, text: string): string {
  const reading = parseVerifierKey(key);
  if (reading.kind === "fault") {
    const isWord = !key.includes("+");
    throw invalid(text, isWord ? `${reading.reason}, and no database that is known by name` : reading.reason);
  }
  const { name } = reading.key;
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
