const space = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** The words of a line as Go's strings.Fields cuts them: by runs of Unicode white space, none of them empty. */
export function fields(line: string): string[] {
  return line.split(space).filter((word) => word !== "");
}
