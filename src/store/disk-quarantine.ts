import { join } from "node:path";
import type { Disk } from "../ports/disk.ts";
import type { Evidence, Quarantine, Quarantined } from "../ports/quarantine.ts";
import { ensureDirectory, type DataFolder } from "./data-folder.ts";
import { stagedName } from "./leftovers.ts";
import type { Owner } from "./owner.ts";
import { storeFailure } from "./store-failure.ts";

/** What a quarantine on disk needs. */
export interface DiskQuarantineParts {
  readonly disk: Disk;
  readonly folder: DataFolder;
  readonly owner: Owner;
  /** Unlike any other of this process and of any other. */
  readonly uniqueName: () => string;
}

// An upstream that sends nothing but damaged files must not fill the disk.
const mostEntries = 200;
const mostBytes = 2 * 1024 ** 3;
const evidenceName = "evidence.json";

/**
 * The folder `quarantine/` of the data folder: a directory for each refusal, with `evidence.json` and the bytes as
 * they came. A directory is staged whole and renamed in, so a crash leaves no half one.
 */
export class DiskQuarantine implements Quarantine {
  readonly #parts: DiskQuarantineParts;
  readonly #root: string;

  constructor(parts: DiskQuarantineParts) {
    this.#parts = parts;
    this.#root = parts.folder.quarantine;
  }

  async keep(evidence: Evidence, content: AsyncIterable<Uint8Array>): Promise<string> {
    const { disk, folder, owner, uniqueName } = this.#parts;
    const unique = uniqueName();
    const staged = join(folder.temporary, stagedName(owner, unique));
    const name = `${new Date(evidence.atMs).toISOString().replace(/[-:]/g, "")}-${unique}`;
    try {
      for (const directory of [folder.temporary, this.#root]) await ensureDirectory(disk, directory);
      await disk.makeDirectory(staged);
      await this.#write(join(staged, evidenceName), [Buffer.from(`${JSON.stringify(evidence, null, 2)}\n`)]);
      await this.#write(join(staged, contentName(evidence)), content);
      await disk.syncDirectory(staged);
      await disk.rename(staged, join(this.#root, name));
      await disk.syncDirectory(this.#root);
    } catch (error) {
      await this.#remove(staged).catch(() => {});
      throw storeFailure(`keep ${evidence.module}@${evidence.version} in quarantine`, error);
    }
    await this.#makeRoom().catch(() => {});
    return name;
  }

  async list(): Promise<readonly Quarantined[]> {
    const { disk } = this.#parts;
    const found: Quarantined[] = [];
    for (const name of await this.#names()) {
      const folder = join(this.#root, name);
      const text = await disk.readFile(join(folder, evidenceName)).catch(() => null);
      if (text === null) continue;
      const evidence = JSON.parse(text.toString()) as Evidence;
      found.push({ name, evidence, path: join(folder, contentName(evidence)) });
    }
    return found;
  }

  async #names(): Promise<string[]> {
    const entries = await this.#parts.disk.list(this.#root);
    return entries
      .filter(({ isDirectory }) => isDirectory)
      .map(({ name }) => name)
      .sort();
  }

  async #write(path: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    await using file = await this.#parts.disk.create(path);
    for await (const chunk of chunks) await file.write(chunk);
    await file.sync();
  }

  async #makeRoom(): Promise<void> {
    const names = await this.#names();
    const sizes = await Promise.all(names.map((name) => this.#sizeOf(join(this.#root, name))));
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    let left = names.length;
    // The newest stays, whatever its size.
    for (const [index, name] of names.slice(0, -1).entries()) {
      if (left <= mostEntries && bytes <= mostBytes) return;
      await this.#remove(join(this.#root, name));
      bytes -= sizes[index] ?? 0;
      left--;
    }
  }

  async #sizeOf(folder: string): Promise<number> {
    const { disk } = this.#parts;
    const stats = await Promise.all((await disk.list(folder)).map(({ name }) => disk.stat(join(folder, name))));
    return stats.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
  }

  async #remove(folder: string): Promise<void> {
    const { disk } = this.#parts;
    for (const { name } of await disk.list(folder)) await disk.remove(join(folder, name));
    await disk.removeDirectory(folder);
  }
}

function contentName({ file }: Evidence): string {
  return { info: "version.info", mod: "go.mod", zip: "module.zip" }[file];
}
