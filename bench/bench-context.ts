import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startModgate, type ServerOptions } from "./servers.ts";
import type { Server } from "./launch.ts";
import type { Site } from "./site.ts";

/** What every measurement works with. */
export interface BenchContext {
  readonly site: Site;
  /** Serves the site; modgate asks it. */
  readonly upstream: Server;
  /** One process on the server core, through all of the measurements: its memory is looked at in the end. */
  readonly modgate: Server;
  readonly seconds: number;
  readonly rounds: number;
  /** A new empty folder, removed with all others in the end. */
  readonly newFolder: (name: string) => ServerOptions["folder"];
  readonly say: (line: string) => void;
}

/** Servers have this core to themselves, the load generator the other. */
export const serverCore = "0";
export const loadCore = "1";
export const bothCores = "0,1";

/** Starts one modgate more, over an empty data folder. */
export async function anotherModgate(
  context: BenchContext,
  options: { readonly processes?: number; readonly cores?: string; readonly upstream?: Server } = {},
): Promise<Server> {
  const { processes = 1, cores = null, upstream = context.upstream } = options;
  return startModgate({ folder: context.newFolder("modgate"), upstream: upstream.url, processes, cores });
}

/** Asks for each path once, 16 at a time, and throws away what comes; throws on any status but 200. */
export async function fetchAll(url: string, paths: readonly string[], atOnce = 16): Promise<number> {
  const waiting = paths.values();
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (const path of waiting) {
      const response = await fetch(`${url}${path}`);
      if (response.status !== 200) throw new Error(`${url}${path}: ${response.status} ${await response.text()}`);
      for await (const chunk of response.body ?? []) bytes += chunk.length;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return bytes;
}

/** True where the program can be run. */
export async function hasProgram(name: string, args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(name, [...args]).then(
    () => true,
    // wrk ends with 1 after printing its version.
    (error: unknown) => !(error instanceof Error && "code" in error && error.code === "ENOENT"),
  );
}

/** Makes numbered folders below one scratch folder. */
export function folderMaker(scratch: string): (name: string) => string {
  let count = 0;
  return (name) => join(scratch, `${name}-${++count}`);
}

/** Runs the measurement with a folder for the load generator's script. */
export async function scriptFolder(context: BenchContext): Promise<string> {
  const folder = context.newFolder("load");
  await mkdir(folder, { recursive: true });
  return folder;
}
