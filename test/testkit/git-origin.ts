import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { tempDir } from "./temp-dir.ts";

/** How a repository behaves towards whoever asks for it. */
export type RepoBehaviour = "open" | "unauthorized" | "forbidden" | "missing" | "failing" | "silent";

/**
 * A version control host `git.example.test`: go-get pages and real git repositories, over plain HTTP on
 * loopback. It is its own HTTP proxy, so that `go` finds the name with the variables of `environment`.
 */
export interface GitOrigin extends AsyncDisposable {
  /** What a `go` process needs to find it, beside PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Paths that were asked, with their queries. */
  readonly requests: string[];
  /** Commits these files and tags the commit; makes the repository where there is none. */
  commit(repo: string, files: Readonly<Record<string, string>>, tags?: readonly string[]): Promise<void>;
  behave(repo: string, behaviour: RepoBehaviour): void;
}

const run = promisify(execFile);

/** Starts the host with no repository. */
export async function gitOrigin(): Promise<GitOrigin> {
  const folder = await tempDir("git");
  const home = join(folder.path, "home");
  await mkdir(home);
  const gitEnvironment = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example.test",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example.test",
    GIT_AUTHOR_DATE: "2024-01-01T00:00:00Z",
    GIT_COMMITTER_DATE: "2024-01-01T00:00:00Z",
  };
  const git = (cwd: string, ...args: string[]) => run("git", args, { cwd, env: gitEnvironment });
  const behaviours = new Map<string, RepoBehaviour>();
  const requests: string[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((request, response) => {
    // As an HTTP proxy it gets the whole URL.
    const url = new URL(request.url ?? "/", "http://git.example.test");
    requests.push(url.pathname + url.search);
    const repo = url.pathname.split("/")[1] ?? "";
    const behaviour = behaviours.get(repo);
    if (url.searchParams.has("go-get")) return goGetPage(response, repo, behaviour, port);
    const refusal = refusals[behaviour ?? "missing"];
    if (behaviour === "silent") return;
    if (refusal) return void response.writeHead(refusal, { "content-type": "text/plain" }).end("no");
    backend(request, response, url, folder.path);
  });
  server.on("connect", (_request, socket: Socket) => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const proxy = `http://127.0.0.1:${port}`;

  return {
    requests,
    environment: {
      PATH: gitEnvironment.PATH,
      HOME: home,
      GIT_CONFIG_NOSYSTEM: "1",
      GOENV: "off",
      GOTELEMETRY: "off",
      HTTP_PROXY: proxy,
      HTTPS_PROXY: proxy,
      GOINSECURE: "git.example.test",
    },
    async commit(repo, files, tags = []) {
      const work = join(folder.path, "work", repo);
      const bare = join(folder.path, repo);
      if (!behaviours.has(repo)) {
        await mkdir(work, { recursive: true });
        await git(work, "init", "-q", "-b", "main");
        await git(folder.path, "init", "-q", "--bare", "-b", "main", repo);
        await git(work, "remote", "add", "origin", bare);
        behaviours.set(repo, "open");
      }
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(work, name)), { recursive: true });
        await writeFile(join(work, name), content);
      }
      await git(work, "add", ".");
      await git(work, "commit", "-q", "-m", "change");
      for (const tag of tags) await git(work, "tag", tag);
      await git(work, "push", "-q", "--tags", "origin", "main");
    },
    behave: (repo, behaviour) => void behaviours.set(repo, behaviour),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

const refusals: Partial<Record<RepoBehaviour, number>> = {
  unauthorized: 401,
  forbidden: 403,
  missing: 404,
  failing: 500,
};

function goGetPage(response: ServerResponse, repo: string, behaviour: RepoBehaviour | undefined, port: number): void {
  if (behaviour === undefined) return void response.writeHead(404).end("not found");
  const content = `git.example.test/${repo} git http://127.0.0.1:${port}/${repo}`;
  response
    .setHeader("content-type", "text/html")
    .end(`<html><head><meta name="go-import" content="${content}"></head></html>`);
}

/** https://git-scm.com/docs/git-http-backend */
function backend(request: IncomingMessage, response: ServerResponse, url: URL, root: string): void {
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: request.headers["git-protocol"]?.toString() ?? "",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf("\r\n\r\n");
    for (const line of output.subarray(0, end).toString().split("\r\n")) {
      const [name = "", value = ""] = line.split(": ", 2);
      if (name.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
      else if (name !== "") response.setHeader(name, value);
    }
    response.end(output.subarray(end + 4));
  });
}
