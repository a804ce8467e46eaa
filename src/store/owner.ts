import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { hasCode } from "./node-disk.ts";

/** Who writes into the data folder, so that others can tell whether it still lives. */
export interface Owner {
  readonly pid: number;
  /** Short name of the machine or container: process ids mean nothing on another one. */
  readonly host: string;
  /** When this process began, in milliseconds since 1970: what is older under its id is of another one. */
  readonly startedAtMs: number;
  /** True where a process with this id runs on this machine. */
  isAlive(pid: number): boolean;
}

/** This process. */
export function thisProcess(): Owner {
  return {
    pid: process.pid,
    host: createHash("sha256").update(hostname()).digest("hex").slice(0, 8),
    startedAtMs: performance.timeOrigin,
    isAlive: (pid) => {
      try {
        return process.kill(pid, 0);
      } catch (error) {
        // Somebody else's process may not be signalled, but it is there.
        return hasCode(error, ["EPERM"]);
      }
    },
  };
}

/** True where whoever left something at `atMs` runs no more, as far as this process can know. */
export function isGone(self: Owner, other: { readonly pid: number; readonly host: string }, atMs: number): boolean {
  if (other.host !== self.host) return false;
  if (other.pid === self.pid) return atMs < self.startedAtMs;
  return !self.isAlive(other.pid);
}
