import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** User and system time that the processes have used so far, in microseconds (Linux, to 10 ms). */
export function cpuMicroseconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    // The command's name may hold spaces, so fields count from behind it.
    const fields = (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "").split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10_000;
}

/** Resident memory of the processes in MiB, now and at its highest; pages they share count once for each. */
export function residentMiB(pids: readonly number[]): { readonly now: number; readonly peak: number } {
  let now = 0;
  let peak = 0;
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    now += kilobytes(status, "VmRSS");
    peak += kilobytes(status, "VmHWM");
  }
  return { now: now / 1024, peak: peak / 1024 };
}

/** Moves every thread of the processes to these cores, as taskset writes them. */
export function moveTo(cores: string, pids: readonly number[]): void {
  for (const pid of pids) execFileSync("taskset", ["-a", "-c", "-p", cores, String(pid)], { stdio: "ignore" });
}

function kilobytes(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+([0-9]+)`, "m").exec(status)?.[1] ?? 0);
}
