import { Problem } from "../kernel/problem.ts";
import type { Disk, DiskFile, FileStat } from "../ports/disk.ts";
import type { FileKey, StoredFile } from "../ports/store.ts";
import type { Descriptors } from "./descriptors.ts";
import { fileInMemory, fileOnDisk } from "./stored-file.ts";

/** What a look at the disk shows. */
export type Loaded =
  | { readonly kind: "absent" }
  /** The file known is the one there. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "loaded"; readonly file: StoredFile; readonly stat: FileStat };

interface Look {
  readonly key: FileKey;
  readonly path: string;
  /** How the file was when it was last seen; null where it is not known. */
  readonly known: { readonly inode: number; readonly modifiedAtMs: number; readonly file: StoredFile } | null;
  /** Files up to this size come with their content. */
  readonly wholeUpToBytes: number;
}

/** Looks at a file, and reads it where it is not the one known. Throws what the disk throws. */
export async function loadFile(disk: Disk, descriptors: Descriptors, look: Look): Promise<Loaded> {
  const { path, known } = look;
  if (known) {
    const stat = await disk.stat(path);
    if (!stat || stat.isDirectory) return { kind: "absent" };
    const isKnown =
      stat.inode === known.inode && stat.modifiedAtMs === known.modifiedAtMs && stat.size === known.file.size;
    if (isKnown) return { kind: "unchanged" };
  }
  const open = await disk.open(path);
  if (!open) return { kind: "absent" };
  return readOpenFile(open, descriptors, look).catch(async (error: unknown) => {
    await open.close().catch(() => {});
    throw error;
  });
}

async function readOpenFile(file: DiskFile, descriptors: Descriptors, look: Look): Promise<Loaded> {
  const { key, path } = look;
  const stat = await file.stat();
  const { size, modifiedAtMs } = stat;
  if (!stat.isDirectory && size > look.wholeUpToBytes) {
    // It stays open for a while: a client that was told of the file can read it though it goes meanwhile.
    const descriptor = descriptors.adopt(file);
    descriptor.place({ path, size, modifiedAtMs });
    descriptor.letGo();
    return { kind: "loaded", file: fileOnDisk(key, size, modifiedAtMs, descriptor), stat };
  }
  const bytes = stat.isDirectory ? null : await file.read(0, size);
  await file.close();
  if (!bytes) return { kind: "absent" };
  if (bytes.length < size) {
    throw new Problem("STORE_FAILED", `Cannot read ${key}: it ends after ${bytes.length} of ${size} bytes`);
  }
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, size);
  return { kind: "loaded", file: fileInMemory(key, content, modifiedAtMs), stat };
}
