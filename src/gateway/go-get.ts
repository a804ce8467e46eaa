import { Problem } from "../kernel/problem.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Config } from "../config/config.ts";
import type { GoRequest } from "../gomod/request.ts";
import { firstMatch } from "../gomod/match-prefix-patterns.ts";
import type { GoGetOrigin } from "../ports/go-get-origin.ts";
import { contentTypeOf, fileFromBytes } from "./artifact.ts";
import type { Artifact, Ask } from "../ports/ask.ts";

interface GoGetParts {
  readonly config: Config;
  readonly goGetOrigin: GoGetOrigin;
  readonly clock: Clock;
}

/**
 * Answers `?go-get=1` for the patterns under `goGet:`. Kind `mod`: a go-import page that sends `go` to this
 * gateway, with the part of the path that the pattern covers as its prefix. Kind `origin`: the origin's own
 * page, byte for byte. MODULE_ABSENT for every other path.
 * https://go.dev/ref/mod#vcs-find
 */
export async function answerGoGet(
  parts: GoGetParts,
  request: GoRequest & { kind: "go-get" },
  ask: Ask,
): Promise<Artifact> {
  const patterns = parts.config.goGet.map(({ pattern }) => pattern);
  // The path is a whole import path, or the part of one after the vanity host that points here.
  const host = (ask.header("host") ?? "").replace(/:\d+$/, "");
  const onHost = request.importPath === "" ? host : `${host}/${request.importPath}`;
  const isWhole = request.importPath.split("/")[0]?.includes(".") === true;
  const importPath = isWhole && firstMatch(patterns, request.importPath) !== null ? request.importPath : onHost;
  const pattern = firstMatch(patterns, importPath);
  const entry = parts.config.goGet.find((candidate) => candidate.pattern === pattern);
  if (!entry || pattern === null) {
    throw new Problem(
      "MODULE_ABSENT",
      `No entry under goGet: covers ${[request.importPath, onHost].filter(Boolean).join(" or ")}`,
      {
        hint: "add a pattern for it under goGet: in the configuration",
      },
    );
  }
  const page =
    entry.kind === "origin"
      ? await parts.goGetOrigin.page(importPath, entry.url, ask.signal)
      : Buffer.from(
          goImportPage(coveredPart(pattern, importPath), entry.url ?? selfUrl(ask, parts.config.tls !== null)),
        );
  return {
    file: fileFromBytes(`go-get/${importPath}`, page, parts.clock.now()),
    contentType: contentTypeOf(request),
    cacheControl: "public, max-age=60",
    upstream: null,
    ageSeconds: null,
    stale: false,
  };
}

function coveredPart(pattern: string, importPath: string): string {
  const elements = pattern.replace(/\/+$/, "").split("/").length;
  return importPath.split("/").slice(0, elements).join("/");
}

function selfUrl(ask: Ask, hasTls: boolean): string {
  const host = ask.header("host");
  if (host === undefined)
    throw new Problem("INVALID_QUERY", "A go-get request needs a Host header, or url: under goGet:");
  const scheme = hasTls || ask.header("x-forwarded-proto") === "https" ? "https" : "http";
  return `${scheme}://${host}`;
}

function goImportPage(prefix: string, url: string): string {
  const content = escapeHtml(`${prefix} mod ${url}`);
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta name="go-import" content="${content}">
</head>
<body>go get ${escapeHtml(prefix)}</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
