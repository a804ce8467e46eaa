import type { LoadedConfig } from "../config/load-config.ts";
import { sumdbChoice } from "../gateway/sumdb-choice.ts";
import { Problem } from "../kernel/problem.ts";
import type { StoredFile } from "../ports/store.ts";
import { headRegister } from "../store/open-trust.ts";
import { sumdbFiles } from "../store/sumdb-files.ts";
import type { KeptDatabase } from "../sumdb/kept-database.ts";
import { noteVerifier } from "../sumdb/signed-note.ts";
import type { OpenStore } from "./cli-context.ts";

/** A configured checksum database with what the data folder keeps of it. */
export interface ConfiguredDatabase {
  /** The verifier key, as GOSUMDB has it. */
  readonly key: string;
  readonly kept: KeptDatabase;
}

/**
 * The checksum databases of a configuration, as a store keeps them: all, or the one that is named. USAGE where the
 * configuration has none, or none of that name; CONFIG_INVALID where a key is none.
 */
export function keptDatabases(
  { config }: LoadedConfig,
  { files }: OpenStore,
  name: string | null,
): readonly ConfiguredDatabase[] {
  const all = [...sumdbChoice(config).all.values()];
  const chosen = all.filter((sumdb) => name === null || sumdb.name === name);
  if (chosen.length === 0) {
    const known = all.map((sumdb) => sumdb.name).join(", ");
    const message =
      all.length === 0 ? "No checksum database is configured (sumdb: off)" : `No checksum database is named ${name}`;
    throw new Problem("USAGE", message, {
      hint: all.length === 0 ? "name one with --sumdb" : `the configuration has: ${known}`,
    });
  }
  return chosen.map(({ key }) => {
    const verifier = noteVerifier(key);
    const { parts } = files;
    const kept: KeptDatabase = {
      verifier,
      trust: headRegister(parts, verifier.name),
      answers: (signal) => sumdbFiles(parts, verifier.name, signal),
      read: async (file) => wholeOf(await files.lookAt(file)),
      remove: (file) => files.remove(file),
    };
    return { key, kept };
  });
}

async function wholeOf(file: StoredFile | null): Promise<Buffer | null> {
  if (file === null || file.bytes !== null) return file?.bytes ?? null;
  const pieces: Buffer[] = [];
  // A chunk is good until the next.
  for await (const chunk of file.stream()) pieces.push(Buffer.from(chunk));
  return Buffer.concat(pieces);
}
