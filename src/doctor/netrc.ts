import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Environment } from "./go-paths.ts";

/** What a netrc file has for one machine. */
export interface NetrcMachine {
  /** As it is written: a host, with its port where the URL has one. */
  readonly machine: string;
  readonly login: string;
  readonly password: string;
  /** From 1. */
  readonly line: number;
}

/** A netrc file as go reads it. */
export interface Netrc {
  readonly path: string;
  readonly machines: readonly NetrcMachine[];
  /** The line of a `default` entry, which go passes over; null where there is none. */
  readonly defaultLine: number | null;
}

/** Reads a netrc as parseNetrc of cmd/go/internal/auth does: `default` and macros are passed over. */
export function parseNetrc(path: string, text: string): Netrc {
  const machines: NetrcMachine[] = [];
  let current = { machine: "", login: "", password: "", line: 0 };
  let defaultLine: number | null = null;
  let isInMacro = false;
  for (const [index, row] of text.split("\n").entries()) {
    if (isInMacro) {
      isInMacro = row !== "";
      continue;
    }
    const words = row.split(/\s+/).filter((word) => word !== "");
    // go knows `default` as a word alone at the end of a line; people write its login behind it.
    if (words[0] === "default") defaultLine ??= index + 1;
    if (words.length % 2 === 1 && words.at(-1) === "default") return { path, machines, defaultLine };
    for (let at = 0; at < words.length - 1; at += 2) {
      const [key = "", value = ""] = words.slice(at, at + 2);
      if (key === "machine") current = { machine: value, login: "", password: "", line: index + 1 };
      else if (key === "login" || key === "password") current = { ...current, [key]: value };
      else if (key === "macdef") isInMacro = true;
      if (current.machine !== "" && current.login !== "" && current.password !== "") {
        machines.push(current);
        current = { machine: "", login: "", password: "", line: 0 };
      }
    }
  }
  return { path, machines, defaultLine };
}

/** Reads $NETRC, else `.netrc` in the home; null where it is not there or cannot be read. */
export async function readNetrc(environment: Environment, cwd: string): Promise<Netrc | null> {
  const { NETRC = "", HOME = "" } = environment;
  const path = NETRC !== "" ? NETRC : HOME === "" ? "" : `${HOME}/.netrc`;
  if (path === "") return null;
  return await readFile(resolve(cwd, path), "utf8").then(
    (text) => parseNetrc(path, text),
    () => null,
  );
}
