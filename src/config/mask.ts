/** What stands in place of a secret. */
export const maskSign = "***";

// From :// to the last @ of a URL. A URL ends at a space, or where a list goes on with the next one.
const userinfo = /(:\/\/)(?:(?![,|]\s*[A-Za-z][A-Za-z0-9+.-]*:\/\/)\S)*@/g;
const queryValue = /([?&][^=&\s]*=)[^&\s,|]+/g;
const harmlessHeaders = new Set(["accept", "accept-language", "user-agent"]);

/** The text without user names and passwords of URLs, and without the values in their queries. */
export function maskText(text: string): string {
  const masked = text.replace(userinfo, `$1${maskSign}@`);
  return masked.includes("://") ? masked.replace(queryValue, `$1${maskSign}`) : masked;
}

/** A value that is a URL or a list of them, in any spelling: also `user:password@host` without a scheme. */
export function maskUrls(text: string): string {
  return maskText(text)
    .split(/([,|\s])/)
    .map((part) => (part.includes("://") ? part : part.replace(/^.*@/s, `${maskSign}@`)))
    .join("");
}

/** A list of URLs as in GOPROXY that may be broken: also the half of a password that a comma has cut from its @. */
export function maskBrokenUrls(text: string): string {
  return maskUrls(text)
    .split(/([,|\s])/)
    .map((part) => part.replace(brokenPort, `$1${maskSign}`))
    .join("");
}

// Where a port stands that is none.
const brokenPort = /^((?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?)[^/?#@[\]:]+:(?!\/\/|\d{1,5}(?:[/?#]|$)).*$/s;

/** A written value of a setting without its secrets; `path` is its place, keys from the top. */
export function maskValue(value: unknown, path: readonly string[]): unknown {
  if (isSecretPlace(path)) return value === null || typeof value === "object" ? maskEntries(value, path) : maskSign;
  if (typeof value === "string") return isUrlPlace(path) ? maskUrls(value) : maskText(value);
  return maskEntries(value, path);
}

function maskEntries(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => maskValue(item, path));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskValue(item, [...path, key])]));
}

/** True for the place of an added header or a variable of the environment: what stands there is not shown. */
export function isSecretPlace(path: readonly string[]): boolean {
  const parent = path.at(-2);
  if (parent === "headers") return !harmlessHeaders.has((path.at(-1) ?? "").toLowerCase());
  return parent === "environment";
}

function isUrlPlace(path: readonly string[]): boolean {
  return path[0] === "upstream" || path.at(-1) === "url" || path.at(-1) === "proxy";
}
