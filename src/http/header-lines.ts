/**
 * Header lines from name, value, name, value …, each ended by CRLF. Throws on a character that would end a line
 * or that HTTP does not allow: nothing from outside may ever write a header of its own.
 * https://www.rfc-editor.org/rfc/rfc9110#section-5.5
 */
export function headerLines(pairs: readonly string[]): string {
  let lines = "";
  for (let index = 0; index + 1 < pairs.length; index += 2) lines += `${pairs[index]}: ${pairs[index + 1]}\r\n`;
  if (lines.split("\r\n").length !== pairs.length / 2 + 1 || notAllowed.test(lines)) {
    throw new TypeError(`A header has a character that HTTP does not allow: ${JSON.stringify(pairs)}`);
  }
  return lines;
}

const notAllowed = /[^\t\r\n\u0020-\u007e\u0080-\u00ff]|\r(?!\n)|(?<!\r)\n/;
