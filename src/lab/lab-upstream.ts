import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";
import { parseFaults } from "../faults/fault.ts";
import { answerSpoilt, type RightAnswer } from "../faults/spoil.ts";
import type { LabDatabase } from "./lab-database.ts";
import type { LabTree } from "./lab-tree.ts";
import type { LoopbackAnswer } from "./loopback-server.ts";

/**
 * Answers as a proxy with these modules does, with entity tags, and has the checksum database behind it.
 * https://go.dev/ref/mod#checksum-database
 */
export function answerHonestly(tree: LabTree, database: LabDatabase): RequestListener {
  return (request, response) => {
    const path = pathOf(request.url);
    const found = rightAnswer({ tree, database }, path);
    if (found === null) {
      response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" });
      response.end(`not found: the lab has no ${path}\n`);
      return;
    }
    const etag = `"${createHash("sha256").update(found.body).digest("base64url")}"`;
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, { ETag: etag }).end();
      return;
    }
    const headers = { "Content-Type": found.contentType, "Content-Length": found.body.length, ETag: etag };
    response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : found.body);
  };
}

/** The decoded path of a request, as go means it. */
export function pathOf(url: string | undefined): string {
  const { pathname } = new URL(url ?? "/", "http://loopback");
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

/** The answer that is right for a path; null is 404. */
export function rightAnswer(
  { tree, database }: { readonly tree: LabTree; readonly database: LabDatabase },
  path: string,
): LoopbackAnswer | null {
  const prefix = `/sumdb/${database.name}`;
  return path.startsWith(`${prefix}/`) ? database.answer(path.slice(prefix.length)) : tree.answer(path);
}

/**
 * Answers as answerHonestly() does, save for modules whose name is a fault: `lab.example/any-status-503` answers 503 for
 * every file, `lab.example/zip-truncate` sends half of the zip. A fault is named as `modgate fault` takes it, with `-`
 * for `=`.
 */
export function answerSpoiltByName(tree: LabTree, database: LabDatabase): RequestListener {
  const honestly = answerHonestly(tree, database);
  return (request, response) => {
    const path = pathOf(request.url);
    const [, file = "", name = ""] = /^\/lab\.example\/(any|list|latest|info|mod|zip)-([a-z0-9-]+)\/@/.exec(path) ?? [];
    if (name === "" || (file !== "any" && !path.endsWith(file))) {
      honestly(request, response);
      return;
    }
    const found = rightAnswer({ tree, database }, path);
    const right: RightAnswer =
      found === null
        ? { status: 404, headers: ["Content-Type", "text/plain; charset=utf-8"], body: Buffer.from("not found\n") }
        : { status: 200, headers: ["Content-Type", found.contentType], body: found.body };
    answerSpoilt(response, right, {
      faults: parseFaults([name.replace(/^(status|truncate)-/, "$1=")], null).faults,
      path,
    });
  };
}
