import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of the lab, removed with all that is in it at the end of `await using`. */
export interface LabFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes an empty folder in the system's folder for temporary files, or in `parent`. */
export async function openLabFolder(parent: string = tmpdir()): Promise<LabFolder> {
  const path = await mkdtemp(join(parent, "modgate-lab-"));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}

/** Writes texts under their names below a folder, making the folders between. */
export async function writeTexts(folder: string, texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
