import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir, hostname, networkInterfaces } from "node:os";
import { promisify } from "node:util";
import * as z from "zod";
import type { ConfigSources, Flags } from "./config-sources.ts";

const goEnvSchema = z.object({
  GOPROXY: z.string(),
  GOSUMDB: z.string(),
  GOPRIVATE: z.string(),
  GONOPROXY: z.string(),
  GONOSUMDB: z.string(),
});

const goDeadlineMs = 10_000;

/** The sources of this process: its environment, disk, home and go command. */
export function systemSources(flags: Flags): ConfigSources {
  return {
    flags,
    env: process.env,
    cwd: process.cwd(),
    homedir: homedir(),
    readFile: readIfThere,
    goEnv: askGo,
    ownHosts: [
      hostname(),
      ...Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address)),
    ],
  };
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

async function askGo(goCommand: string) {
  const { stdout } = await promisify(execFile)(goCommand, ["env", "-json", ...Object.keys(goEnvSchema.shape)], {
    timeout: goDeadlineMs,
    windowsHide: true,
  });
  return goEnvSchema.parse(JSON.parse(stdout));
}
