/**
 * The text with `{NAME}` for each [name, value], in their order, and without white space at its end: what is left is
 * the same on every machine.
 */
export function maskText(text: string, values: readonly (readonly [string, string])[]): string {
  return values.reduce((masked, [name, value]) => masked.replaceAll(value, `{${name}}`), text).trimEnd();
}
