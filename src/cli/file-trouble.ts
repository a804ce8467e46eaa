import { Problem } from "../kernel/problem.ts";

const meanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
};

/** Why a file that the command line names could not be used, without its path. */
export function fileTrouble(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return meanings[code] ?? (error instanceof Error ? error.message : String(error));
}

/** For a tar that the command line names: rejects with USAGE and the reason; a Problem comes out as it is. */
export function cannotUseTar(path: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Problem) throw error;
    throw new Problem("USAGE", `Cannot use ${path}: ${fileTrouble(error)}`, {
      cause: error,
      hint: "name a tar file, or -",
    });
  };
}
