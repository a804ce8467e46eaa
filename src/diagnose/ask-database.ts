import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import { Problem } from "../kernel/problem.ts";
import { Turns } from "../kernel/turns.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { ModuleVersion } from "./cached-version.ts";
import type { DatabaseWord } from "./known-hashes.ts";

export interface DatabaseQuestions {
  /** The database that knows a module; null where none does. */
  readonly databaseOf: (module: string) => Pick<ChecksumDatabase, "name" | "lookup"> | null;
  /** Patterns of GONOSUMDB: modules whose names must not leave. */
  readonly isPrivate: readonly string[];
}

const atOnce = 16;
// Whoever is offline does not wait for each of a thousand versions.
const maxFailures = 3;

/** Asks the checksum database, 16 lookups at once, until it is out of reach. */
export class DatabaseAsker {
  readonly #questions: DatabaseQuestions | string;
  readonly #turns = new Turns(atOnce);
  #failures = 0;
  /** The first failure, and for how many versions there is no answer. */
  readonly trouble: { message: string; versions: number } = { message: "", versions: 0 };
  readonly counts = { asked: 0, known: 0 };

  /** In place of questions: why there are none, such as `it is off (--sumdb off)`. */
  constructor(questions: DatabaseQuestions | string) {
    this.#questions = questions;
  }

  /** Rejects with SUMDB_FORK, which must not be passed over, or with the signal's reason. */
  async ask({ module, version }: ModuleVersion, signal: AbortSignal): Promise<DatabaseWord> {
    if (typeof this.#questions === "string") return { kind: "not asked", why: this.#questions };
    const { databaseOf, isPrivate } = this.#questions;
    // go has toolchains checked whatever is private. https://go.dev/ref/mod#private-module-privacy
    if (module !== "golang.org/toolchain" && matchPrefixPatterns(isPrivate, module)) {
      return { kind: "not asked", why: "the module is private (GONOSUMDB or GOPRIVATE)" };
    }
    const database = databaseOf(module);
    if (database === null) return { kind: "not asked", why: "it is off for this module" };
    const end = await this.#turns.take(signal);
    try {
      if (this.#failures >= maxFailures) return this.#outOfReach();
      this.counts.asked++;
      const { name, zip, mod } = { name: database.name, ...(await database.lookup(module, version, signal)) };
      this.#failures = 0;
      this.counts.known++;
      return { kind: "known", name, zip, mod };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === "SUMDB_UNKNOWN") return { kind: "unknown", name: database.name };
      if (error.code === "SUMDB_FORK") throw error;
      this.#failures++;
      if (this.trouble.versions === 0) this.trouble.message = error.message;
      return this.#outOfReach();
    } finally {
      end();
    }
  }

  #outOfReach(): DatabaseWord {
    this.trouble.versions++;
    return { kind: "not asked", why: "it is out of reach" };
  }
}
