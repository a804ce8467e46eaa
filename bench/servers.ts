import { createServer } from "node:net";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answering, launch, type Server } from "./launch.ts";

const root = join(import.meta.dirname, "..");

export interface ServerOptions {
  /** An empty folder of its own, made where it is missing. */
  readonly folder: string;
  readonly cores: string | null;
}

/** nginx over the file tree, tuned as a good operator would: sendfile, open_file_cache, long keep-alive. */
export async function startNginx(
  options: ServerOptions & { readonly site: string; readonly workers: number; readonly accessLog: boolean },
): Promise<Server> {
  const { folder, site, workers, accessLog, cores } = options;
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const user = process.getuid?.() === 0 ? "user root;" : "";
  await writeFile(
    join(folder, "nginx.conf"),
    `daemon off; ${user} worker_processes ${workers}; worker_rlimit_nofile 16384; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  ${temporary.join(" ")}
  access_log ${accessLog ? `${folder}/access.log` : "off"};
  sendfile on; tcp_nopush on; open_file_cache max=10000 inactive=600s; open_file_cache_valid 600s;
  keepalive_requests 1000000000; keepalive_timeout 600s;
  types { application/json info; text/plain mod; application/zip zip; } default_type text/plain;
  server {
    listen 127.0.0.1:${port} backlog=4096 ${workers > 1 ? "reuseport" : ""};
    root ${site};
    location / { add_header Cache-Control "public, max-age=31536000, immutable"; }
  }
}
`,
  );
  return launch({
    name: `nginx${accessLog ? "" : ", no log"}`,
    command: ["nginx", "-p", folder, "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")],
    cwd: folder,
    outputFile: join(folder, "output"),
    cores,
    ready: () => answering(`http://127.0.0.1:${port}`),
  });
}

/** `modgate serve` as the npm package starts it, access log on. */
export async function startModgate(
  options: ServerOptions & { readonly upstream: string; readonly processes: number },
): Promise<Server> {
  const { folder, upstream, processes, cores } = options;
  const home = join(folder, "home");
  await mkdir(home, { recursive: true });
  const flags = ["--listen", "127.0.0.1:0", "--data", join(folder, "data"), "--upstream", upstream, "--sumdb", "off"];
  if (processes > 1) flags.push("--processes", String(processes));
  return launch({
    name: processes > 1 ? `modgate --processes ${processes}` : "modgate",
    command: [await installed(join(folder, "package")), "serve", ...flags],
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, GOENV: "off", GOTOOLCHAIN: "local" },
    outputFile: join(folder, "output"),
    cores,
    ready: async (output) => /^export GOPROXY=(\S+)$/m.exec(output)?.[1] ?? null,
  });
}

/** Lays out what npm would install, without src/: bin/modgate then runs dist/ with the flags that it gives to Node. */
async function installed(folder: string): Promise<string> {
  await mkdir(join(folder, "bin"), { recursive: true });
  await copyFile(join(root, "bin/modgate"), join(folder, "bin/modgate"));
  for (const name of ["dist", "node_modules", "package.json"]) await symlink(join(root, name), join(folder, name));
  return join(folder, "bin/modgate");
}

/** The yardstick: node:http, files in memory, two headers, nothing else. Also the upstream of all. */
export async function startStatic(
  options: ServerOptions & { readonly site: string; readonly delayMs?: number },
): Promise<Server> {
  const { folder, site, cores, delayMs = 0 } = options;
  await mkdir(folder, { recursive: true });
  return launch({
    name: "bare node:http",
    command: [process.execPath, join(import.meta.dirname, "static-server.ts"), site, String(delayMs)],
    cwd: folder,
    outputFile: join(folder, "output"),
    cores,
    ready: async (output) => /^listening on (\S+)$/m.exec(output)?.[1] ?? null,
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => void server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}
