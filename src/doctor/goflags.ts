/** A flag of GOFLAGS. */
export interface GoFlag {
  /** Without dashes. */
  readonly name: string;
  /** "true" where it stands alone. */
  readonly value: string;
}

/**
 * The flags of GOFLAGS: words parted by blanks, with single or double quotes around whole words and no escapes, as
 * cmd/internal/quoted has it. Words that are no flags are left out; null where a quote is left open.
 */
export function parseGoflags(text: string): GoFlag[] | null {
  const words: string[] = [];
  const pattern = /\s*(?:"([^"]*)"|'([^']*)'|([^\s"'][^\s]*))/gy;
  const trimmed = text.trim();
  while (pattern.lastIndex < trimmed.length) {
    const match = pattern.exec(trimmed);
    if (match === null) return null;
    words.push(match[1] ?? match[2] ?? match[3] ?? "");
  }
  return words.flatMap((word) => {
    const [, name, value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    return name === undefined ? [] : [{ name, value: value ?? "true" }];
  });
}
