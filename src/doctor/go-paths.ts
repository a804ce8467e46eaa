import { posix } from "node:path";

/** The process environment: names to values, none of them undefined. */
export type Environment = Readonly<Record<string, string>>;

/** `filepath.Clean`: the shortest spelling of a path, without a slash at its end; "." for the empty one. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/**
 * Where go keeps what `go env -w` sets, as `go env GOENV` says: $GOENV, else `go/env` below the user's folder for
 * configuration; "" for `off`, and where there is no such folder. https://pkg.go.dev/os#UserConfigDir
 */
export function userEnvFile(environment: Environment, platform: NodeJS.Platform): string {
  const { GOENV = "" } = environment;
  if (GOENV !== "") return GOENV === "off" ? "" : GOENV;
  return defaultEnvFile(environment, platform);
}

/** The same without a look at GOENV: the file that `GOENV=off go env -w` edits all the same. */
export function defaultEnvFile(environment: Environment, platform: NodeJS.Platform): string {
  const folder = userFolder(environment, platform, "config");
  return folder === "" ? "" : cleanPath(`${folder}/go/env`);
}

/** Where go keeps the build cache where GOCACHE is not set; "off" where there is no folder for caches. */
export function defaultBuildCache(environment: Environment, platform: NodeJS.Platform): string {
  const folder = userFolder(environment, platform, "cache");
  return folder === "" ? "off" : cleanPath(`${folder}/go-build`);
}

/** GOPATH where it is not set: `$HOME/go`, or "" where that is GOROOT or there is no home. */
export function defaultGopath(environment: Environment, goroot: string): string {
  const { HOME = "" } = environment;
  if (HOME === "") return "";
  const folder = cleanPath(`${HOME}/go`);
  return goroot !== "" && folder === cleanPath(goroot) ? "" : folder;
}

function userFolder(environment: Environment, platform: NodeJS.Platform, kind: "config" | "cache"): string {
  const { HOME = "" } = environment;
  const inHome = (below: string): string => (HOME === "" ? "" : `${HOME}${below}`);
  if (platform === "darwin") return inHome(kind === "config" ? "/Library/Application Support" : "/Library/Caches");
  const given = environment[kind === "config" ? "XDG_CONFIG_HOME" : "XDG_CACHE_HOME"] ?? "";
  if (given === "") return inHome(kind === "config" ? "/.config" : "/.cache");
  return given.startsWith("/") ? given : "";
}
