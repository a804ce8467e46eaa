/** The URL with user and password replaced, as `go` prints it: `https://joe:xxxxx@host/`. */
export function maskUrl(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || (parsed.username === "" && parsed.password === "")) return url;
  if (parsed.password !== "") parsed.password = "xxxxx";
  else parsed.username = "xxxxx";
  return parsed.href;
}

/** Text of others with the credentials of every URL in it replaced. */
export function maskText(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>]*@/gi, "$1xxxxx@");
}

/** One line of printable text, at most `maxLength` characters, without credentials in URLs. */
export function oneLine(text: string, maxLength: number): string {
  const line = maskText(text)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
