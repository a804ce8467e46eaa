import { failure, type Failure } from "./failure.ts";
import { oneLine } from "./mask.ts";

interface Sign {
  readonly text: RegExp;
  readonly kind: "absent" | "denied" | "unreachable";
  readonly hint?: string;
  readonly mayRetry?: boolean;
}

const credentials =
  "give the gateway's user credentials for this host: netrc, an SSH key, GOAUTH or git's own configuration";
const hidden =
  "hosts say this of a repository that is missing and of one they hide; give credentials, or set notFound: [403] on this upstream";
const policy = "set GOVCS for this path in the environment of direct:";

// In order: where a message has several signs, trouble outweighs refusal, and both outweigh absence.
const signs: readonly Sign[] = [
  { text: /executable file not found/i, kind: "unreachable", hint: "install git on the gateway's machine" },
  {
    text: /no such host|Could not resolve host|Name or service not known|name resolution/i,
    kind: "unreachable",
    mayRetry: true,
  },
  {
    text: /connection (refused|reset|closed|timed out)|timed? ?out|Failed to connect|Couldn't connect/i,
    kind: "unreachable",
    mayRetry: true,
  },
  {
    text: /no route to host|network is unreachable|early EOF|unexpected EOF|: EOF$|hung up unexpectedly/im,
    kind: "unreachable",
    mayRetry: true,
  },
  { text: /x509:|tls:|SSL|certificate|Host key verification failed|server gave HTTP response/i, kind: "unreachable" },
  { text: /: 5\d\d [A-Z]|returned error: 5\d\d|: 429 |returned error: 429/, kind: "unreachable", mayRetry: true },
  {
    text: /could not read (Username|Password)|terminal prompts disabled|Authentication failed/i,
    kind: "denied",
    hint: credentials,
  },
  {
    text: /Permission denied|HTTP Basic: Access denied|returned error: 40[13]\b|: 40[13] [A-Z]/,
    kind: "denied",
    hint: credentials,
  },
  { text: /GOVCS disallows/, kind: "denied", hint: policy },
  {
    text: /repository .*not found|does not appear to be a git repository|returned error: 404|Could not read from remote/i,
    kind: "denied",
    hint: hidden,
  },
  {
    text: /unknown revision|no matching versions for query|no go-import meta tags|invalid \S+ import path/,
    kind: "absent",
  },
  { text: /: (404 Not Found|410 Gone)/, kind: "absent" },
  {
    text: /malformed module path|module contains a go\.mod file|go\.mod has |invalid pseudo-version|pseudo-version /,
    kind: "absent",
  },
  { text: /invalid version: (should be|must be|missing|go\.mod|module )|missing \S*go\.mod/, kind: "absent" },
];

/**
 * What the error output of a `go` command about one module proves. Absent only for what version control or
 * the host has said after it was asked; `repository not found` is denied, because hosts say it of what they
 * hide; whatever is not known is unreachable.
 */
export function goFailure(
  output: string,
  subject: { readonly module: string; readonly version: string | null },
): Failure {
  // The body of an answer, and the names asked for, are other people's words and prove nothing.
  const text = withoutServerResponse(output);
  const searched = text
    .replaceAll(subject.module, "MODULE")
    .replaceAll(subject.version ?? subject.module, "VERSION")
    .replace(/\b[a-z+]+:\/\/[^\s"']+?(?=:?(?:[\s"']|$))/gm, "URL");
  const sign = signs.find((candidate) => candidate.text.test(searched));
  const line = sign ? text.split("\n").find((candidate) => sign.text.test(candidate)) : undefined;
  const reason = oneLine(withoutSubject(line ?? lastLine(text), subject), 200) || "go failed without a word";
  if (!sign) return failure("unreachable", reason);
  return failure(sign.kind, reason, { hint: sign.hint ?? null, mayRetry: sign.mayRetry ?? false });
}

function withoutServerResponse(output: string): string {
  const lines = output.split("\n");
  const kept: string[] = [];
  let isQuoting = false;
  for (const line of lines) {
    if (line.startsWith("\tserver response:")) isQuoting = true;
    else if (!line.startsWith("\t")) isQuoting = false;
    if (!isQuoting && !line.startsWith("go: downloading ")) kept.push(line);
  }
  return kept.join("\n");
}

// Who reads it knows what was asked for, and there is little room.
function withoutSubject(line: string, { module, version }: { module: string; version: string | null }): string {
  return line
    .replace(/^go: /, "")
    .replace(`${module}@${version ?? "latest"}: `, "")
    .replace(/^unrecognized import path "[^"]*": /, "");
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
