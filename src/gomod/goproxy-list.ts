import { Problem } from "../kernel/problem.ts";
import { quote } from "./quote.ts";

/** One entry of GOPROXY. */
export interface GoproxyEntry {
  /** An http:, https: or file: URL as it was written, `https://` put in front of a bare host; or `direct` or `off`. */
  readonly url: string;
  /** What stands after it: `,` goes on to the next entry on 404 and 410 alone, `|` on every failure. */
  readonly separator: "," | "|";
}

/**
 * The entries of a GOPROXY value as `go` reads it: blank ones are passed over, `direct` and `off` end the
 * list, a bare host becomes https (GO-FACTS C.2). CONFIG_INVALID naming the entry where one is no proxy
 * URL, or where there is none at all; passwords are masked in it.
 */
export function parseGoproxyList(text: string): GoproxyEntry[] {
  const entries: GoproxyEntry[] = [];
  for (const [, raw = "", separator] of text.matchAll(/([^,|]*)([,|]|$)/g)) {
    const word = raw.trim();
    if (word === "") continue;
    if (word === "direct" || word === "off") {
      entries.push({ url: word, separator: "," });
      break;
    }
    entries.push({ url: proxyUrl(word), separator: separator === "|" ? "|" : "," });
  }
  if (entries.length === 0)
    throw new Problem("CONFIG_INVALID", `The proxy list ${quote(text)} contains no entries`, { hint });
  return entries;
}

const hint = "write it as GOPROXY: URL,URL|URL,direct";

function proxyUrl(word: string): string {
  const isBareHost = /[.:/]/.test(word) && !word.includes(":/") && !word.startsWith("/");
  const url = isBareHost ? `https://${word}` : word;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) throw invalid(word, "it has no scheme: want https, http, file, direct or off");
  if (scheme !== "https" && scheme !== "http" && scheme !== "file") {
    throw invalid(word, `its scheme is "${scheme}": want https, http or file`);
  }
  if (/[\u0000-\u001f\u007f\\]/.test(url)) throw invalid(word, "it has a backslash or a control character");
  if (scheme === "file") {
    if (!/^file:\/\/\/[^?#]+$/i.test(url)) throw invalid(word, "a file URL is file:///absolute/path and nothing else");
  } else if (!/^https?:\/\/[^/?#]/i.test(url)) throw invalid(word, "it has no host");
  if (!URL.canParse(url)) throw invalid(word, "it is no URL: look at its host and port");
  return url;
}

function invalid(word: string, reason: string): Problem {
  const masked = word.replace(/(^|\/\/)([^/?#@:]*):(?!\/\/).*@/, "$1$2:xxxxx@");
  return new Problem("CONFIG_INVALID", `Cannot read ${quote(masked)} as a proxy: ${reason}`, { hint });
}
