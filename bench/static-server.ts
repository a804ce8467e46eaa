import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, relative } from "node:path";

// Serves the folder named on the command line over bare node:http: up to 32 MiB of a file stay in memory. A number
// behind it is how many milliseconds each answer waits, as one from another machine would.
const maxInMemory = 32 * 1024 * 1024;
const site = process.argv[2] ?? ".";
const delayMs = Number(process.argv[3] ?? 0);
const files = new Map<string, { readonly size: number; readonly bytes: Buffer | null; readonly path: string }>();

for (const entry of await readdir(site, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const { size } = await stat(path);
  const bytes = size <= maxInMemory ? await readFile(path) : null;
  files.set(`/${relative(site, path)}`, { size, bytes, path });
}

const server = createServer((request, response) => {
  if (delayMs === 0) answer(request, response);
  else setTimeout(answer, delayMs, request, response);
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const file = files.get(request.url ?? "");
  if (file === undefined) {
    response.writeHead(404, { "Content-Type": "text/plain" }).end("not found\n");
    return;
  }
  response.writeHead(200, { "Content-Type": contentTypeOf(file.path), "Content-Length": file.size });
  if (request.method === "HEAD") response.end();
  else if (file.bytes === null) createReadStream(file.path, { highWaterMark: 262_144 }).pipe(response);
  else response.end(file.bytes);
}

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  const address = server.address();
  if (address !== null && typeof address !== "string") console.log(`listening on http://127.0.0.1:${address.port}`);
});
process.once("SIGTERM", () => process.exit(0));

function contentTypeOf(path: string): string {
  if (path.endsWith(".info")) return "application/json";
  return path.endsWith(".zip") ? "application/zip" : "text/plain; charset=utf-8";
}
