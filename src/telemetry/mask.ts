/** Query parameters of modgate's own endpoints: all others may hold a secret. */
const plainParameters = new Set(["go-get", "since", "limit"]);

/** A request path for the log: every other query value is masked, and so is what stands before an @ of a URL. */
export function maskPath(path: string): string {
  const mark = path.indexOf("?");
  if (mark < 0) return maskUserinfo(path);
  const query = path
    .slice(mark + 1)
    .split("&")
    .map(maskParameter)
    .join("&");
  return `${maskUserinfo(path.slice(0, mark))}?${query}`;
}

/** A text for the log: user names and passwords of URLs, and values of their queries, are masked. */
export function maskText(text: string): string {
  return text.includes("://") ? text.replaceAll(/\bhttps?:\/\/[^\s"'<>]+/gi, maskPath) : text;
}

function maskParameter(pair: string): string {
  const name = pair.split("=", 1)[0] ?? "";
  return plainParameters.has(name) || name === pair ? pair : `${name}=***`;
}

function maskUserinfo(url: string): string {
  return url.includes("@") ? url.replaceAll(/(:\/\/?)[^/?#]*@/g, "$1***@") : url;
}
