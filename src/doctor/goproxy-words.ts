import { parseGoproxyList } from "../gomod/goproxy-list.ts";
import { Problem } from "../kernel/problem.ts";

/** One word of GOPROXY, whether go can read it or not. */
export interface GoproxyWord {
  /** As it is written, trimmed; it may have a password. */
  readonly text: string;
  /** The URL that go makes of it, `direct` or `off`; null where go cannot read it. */
  readonly url: string | null;
  /** Why go cannot read it, without its secrets; null where it can. */
  readonly fault: string | null;
  /** What stands after it. */
  readonly separator: "," | "|";
  /** Host and port as they are written, "" where there are none. */
  readonly host: string;
  /** True for what stands after `direct` or `off`, which end the list. */
  readonly isNeverAsked: boolean;
}

/** The words of a GOPROXY value, blank ones left out (GO-FACTS C.2). */
export function goproxyWords(value: string): GoproxyWord[] {
  const words: GoproxyWord[] = [];
  let hasEnded = false;
  for (const [, raw = "", separator] of value.matchAll(/([^,|]*)([,|]|$)/g)) {
    const text = raw.trim();
    if (text === "") continue;
    const { url, fault } = read(text);
    // url.Host of go: all between the userinfo and the path, its port as it was written.
    const host = /^https?:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(url ?? "")?.[1] ?? "";
    words.push({ text, url, fault, separator: separator === "|" ? "|" : ",", host, isNeverAsked: hasEnded });
    hasEnded ||= text === "direct" || text === "off";
  }
  return words;
}

function read(text: string): Pick<GoproxyWord, "url" | "fault"> {
  try {
    const [entry] = parseGoproxyList(text);
    return { url: entry?.url ?? null, fault: null };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { url: null, fault: error.message };
  }
}
