import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Environment } from "./go-paths.ts";
import type { Dialect, StartupFile } from "./shell-exports.ts";

// A start-up file of anybody's hand is far below this.
const maxBytes = 1024 * 1024;

/**
 * Reads the files from which shells and sessions take variables, in the order in which they are read: /etc before the
 * home, bash, zsh, fish, and direnv's .envrc of this folder and those above. Only looked at; what is not there or cannot
 * be read is passed over. `etc` is the folder of the system's files.
 */
export async function readStartupFiles(
  environment: Environment,
  { cwd, etc }: { readonly cwd: string; readonly etc: string },
): Promise<StartupFile[]> {
  const files = await Promise.all((await candidates(environment, { cwd, etc })).map(readStartup));
  return files.filter((file) => file !== null);
}

type Candidate = Omit<StartupFile, "text">;

async function candidates(
  environment: Environment,
  { cwd, etc }: { readonly cwd: string; readonly etc: string },
): Promise<Candidate[]> {
  const { HOME: home = "", ZDOTDIR: zsh = home } = environment;
  const config = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  const inFolder = async (folder: string, ending: string, dialect: Dialect): Promise<Candidate[]> => {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => name.endsWith(ending)).map((name) => ({ path: join(folder, name), dialect }));
  };
  const sh = (folder: string, names: readonly string[]): Candidate[] =>
    folder === "" ? [] : names.map((name) => ({ path: join(folder, name), dialect: "sh" }));
  const system: Candidate[] = [
    { path: join(etc, "environment"), dialect: "pairs" },
    ...sh(etc, ["profile"]),
    ...(await inFolder(join(etc, "profile.d"), ".sh", "sh")),
    ...sh(etc, ["bash.bashrc", "bashrc", "zshenv", "zprofile", "zshrc"]),
    ...sh(join(etc, "zsh"), ["zshenv", "zprofile", "zshrc"]),
    { path: join(etc, "fish/config.fish"), dialect: "fish" },
    ...(await inFolder(join(etc, "fish/conf.d"), ".fish", "fish")),
  ];
  if (home === "") return [...system, ...directoryFiles(cwd)];
  return [
    ...system,
    ...(await inFolder(join(config, "environment.d"), ".conf", "pairs")),
    { path: join(home, ".pam_environment"), dialect: "pairs" },
    ...sh(home, [".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_aliases"]),
    ...sh(zsh, [".zshenv", ".zprofile", ".zshrc", ".zlogin"]),
    { path: join(config, "fish/fish_variables"), dialect: "fish variables" },
    ...(await inFolder(join(config, "fish/conf.d"), ".fish", "fish")),
    { path: join(config, "fish/config.fish"), dialect: "fish" },
    ...directoryFiles(cwd),
  ];
}

function directoryFiles(cwd: string): Candidate[] {
  const found: Candidate[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    found.unshift({ path: join(folder, ".envrc"), dialect: "sh" });
    if (dirname(folder) === folder) return found;
  }
}

async function readStartup({ path, dialect }: Candidate): Promise<StartupFile | null> {
  try {
    const bytes = await readFile(path);
    return bytes.length > maxBytes ? null : { path, dialect, text: bytes.toString("utf8") };
  } catch {
    return null;
  }
}
