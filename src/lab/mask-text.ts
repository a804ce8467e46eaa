/** The text with `{NAME}` for each value, and without white space at its end: what is left is the same on every machine. */
export function maskText(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .reduce((masked, [name, value]) => masked.replaceAll(value, `{${name}}`), text)
    .trimEnd();
}
