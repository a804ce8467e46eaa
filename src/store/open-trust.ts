import type { Register } from "../ports/register.ts";
import type { Trust } from "../ports/trust.ts";
import { DiskQuarantine } from "./disk-quarantine.ts";
import { DiskRegister } from "./disk-register.ts";
import type { FileStoreParts } from "./file-store-parts.ts";
import { MemoryFirstSeen } from "./memory-first-seen.ts";
import { MemoryRegister } from "./memory-register.ts";
import { Recalls } from "./recalls.ts";
import { SqliteFirstSeen } from "./sqlite-first-seen.ts";
import { SqliteSightings } from "./sqlite-sightings.ts";

/** Opens what a data folder keeps of trust; STORE_FAILED where it can't be read. */
export function openTrust(parts: FileStoreParts): Omit<Trust, "hasher" | "watch"> {
  return {
    firstSeen: new SqliteFirstSeen(parts.folder.firstSeen),
    quarantine: new DiskQuarantine(parts),
    headOf: (database) => headRegister(parts, database),
    recalls: new Recalls(parts),
    sightings: new SqliteSightings(parts.folder.sightings),
  };
}

/** The latest tree head of a checksum database in a data folder, and its fork. */
export function headRegister(parts: FileStoreParts, database: string): Register {
  return new DiskRegister(parts, `sumdb/${database}`);
}

/** Trust that ends with the process: what a trial finds out is not remembered. Nothing is kept in quarantine. */
export function trialTrust(): Omit<Trust, "hasher" | "watch"> {
  const heads = new Map<string, MemoryRegister>();
  return {
    firstSeen: new MemoryFirstSeen(),
    recalls: { mayConcern: () => false, of: () => Promise.resolve([]), all: () => Promise.resolve([]) },
    sightings: new SqliteSightings(":memory:"),
    quarantine: { keep: () => Promise.resolve("trial"), list: () => Promise.resolve([]) },
    headOf(database) {
      const known = heads.get(database) ?? new MemoryRegister();
      heads.set(database, known);
      return known;
    },
  };
}
