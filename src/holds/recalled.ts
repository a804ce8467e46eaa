import { Problem } from "../kernel/problem.ts";
import type { Held, HeldModule, Hold } from "../ports/hold.ts";
import type { Recall, RecallBook } from "../ports/recall-book.ts";

/** Holds what an operator has recalled: it is refused whoever asks, and on no list. */
export class Recalled implements Hold {
  readonly #book: RecallBook;

  constructor(book: RecallBook) {
    this.#book = book;
  }

  concerns({ module }: HeldModule): boolean {
    return this.#book.mayConcern(module);
  }

  async among({ module }: HeldModule, versions: readonly string[]): Promise<ReadonlyMap<string, Held>> {
    const recalls = await this.#book.of(module);
    const held = new Map<string, Held>();
    const ofModule = recalls.find(({ version }) => version === null);
    for (const version of recalls.length === 0 ? [] : versions) {
      const recall = ofModule ?? recalls.find((one) => one.version === version);
      // What a version says that must not be used is not believed either.
      if (recall) held.set(version, { problem: refusal(recall, version), retracts: false, isUnlisted: false });
    }
    return held;
  }
}

function refusal({ module, version: recalled, reason, at }: Recall, version: string): Problem {
  const what = recalled === null ? `${module}, with every version,` : `${module}@${version}`;
  return new Problem(
    "VERSION_RECALLED",
    `${what} was recalled here on ${at.slice(0, 16).replace("T", " ")}: ${reason}`,
  );
}
