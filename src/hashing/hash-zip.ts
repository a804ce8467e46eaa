import { Problem } from "../kernel/problem.ts";
import { type FileHash, h1Of } from "../gomod/h1.ts";
import { localHeaderOf, openZipDirectory, rulesFor } from "../gomod/zip-directory.ts";
import { readZipEntries, type ZipEntry } from "../gomod/zip-entries.ts";
import { ZipReads, type ZipSource } from "../gomod/zip-reads.ts";
import { checkZipVersion, maxZipBytes } from "../gomod/zip-rules.ts";
import type { Hashed } from "../ports/hasher.ts";
import { type Checkpoint, hashContent } from "./hash-content.ts";

/** A zip, as the version that it claims to be. */
export interface ClaimedZip {
  readonly source: ZipSource;
  readonly module: string;
  readonly version: string;
}

/** The h1 of a zip, and the first rule of module zips that it breaks; null where it breaks none. */
export interface ZipHash extends Hashed {
  readonly fault: string | null;
}

/**
 * Reads a zip through, once, in the order of its bytes. UPSTREAM_DAMAGED where it cannot be read to its end, where
 * it holds more than 500 MiB, or where its files lie over one another.
 */
export async function hashZip({ source, module, version }: ClaimedZip, checkpoint: Checkpoint): Promise<ZipHash> {
  const zip = new ZipReads(source, `${module}@${version}`);
  const directory = await openZipDirectory(zip);
  const rules = rulesFor(zip, directory);
  let fault = checkZipVersion(module, version);
  const names: string[] = [];
  // Of two entries with one name Go reads the second, both times.
  const entries = new Map<string, ZipEntry>();
  let storedBytes = 0;
  let bytes = 0;
  for await (const some of readZipEntries(zip, directory)) {
    for (const entry of some) {
      fault ??= rules.check(entry);
      if (entry.name === null) throw zip.damaged("it has a file name that is not UTF-8");
      if (!isDirectory(entry)) storedBytes += entry.compressedBytes;
      bytes += entry.uncompressedBytes;
      names.push(entry.name);
      entries.set(entry.name, entry);
    }
  }
  // Neither is more work than an honest zip of the largest size; Go has no such limits here.
  if (bytes > maxZipBytes) throw zip.damaged(fault ?? `its content is larger than ${maxZipBytes} bytes`);
  if (storedBytes > zip.size) throw zip.damaged("its files lie over one another");
  const hashes = new Map<string, FileHash>();
  for (const [name, entry] of [...entries].sort(([, left], [, right]) => left.offset - right.offset)) {
    checkpoint();
    const start = await localHeaderOf(zip, directory, entry);
    hashes.set(name, { name, sha256: await hashEntry(zip, { entry, start }, checkpoint) });
  }
  const h1 = h1Of(names.flatMap((name) => hashes.get(name) ?? []));
  return { h1, files: names.filter((name) => !name.endsWith("/")).length, bytes, fault };
}

/** What `zip` of the port answers: like hashZip, but a zip that breaks a rule is damaged as well. */
export function refuseFault({ fault, h1, files, bytes }: ZipHash, label: string): Hashed {
  if (fault === null) return { h1, files, bytes };
  throw new Problem("UPSTREAM_DAMAGED", `The zip of ${label} is damaged: ${fault}`, { evidence: { h1 } });
}

// SHA-256 of no bytes, what Go has for a directory.
const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function hashEntry(
  zip: ZipReads,
  place: { readonly entry: ZipEntry; readonly start: number },
  checkpoint: Checkpoint,
): Promise<string> | string {
  const { entry } = place;
  if (!isDirectory(entry)) return hashContent(zip, place, checkpoint);
  if (entry.uncompressedBytes > 0) throw zip.damaged(`the directory ${JSON.stringify(entry.name)} has content`);
  return ofNothing;
}

function isDirectory(entry: ZipEntry): boolean {
  return entry.name?.endsWith("/") ?? false;
}
