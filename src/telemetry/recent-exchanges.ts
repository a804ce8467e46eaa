import type { Exchange, Witness } from "../ports/exchange.ts";
import { moduleOf, versionOf } from "./subject.ts";

// Every hit that is kept outlives the young generation of the heap: many of them cost the hot path its pauses.
const mostHits = 64;

/**
 * Remembers the last exchanges, for `explain`: at most 64 that the cache answered and, apart from them, `capacity`
 * that asked an upstream or were refused, so that a busy hour of hits does not push out the one that matters.
 */
export class RecentExchanges implements Witness {
  readonly #hits: Ring;
  readonly #others: Ring;

  constructor(capacity = 1000) {
    this.#hits = new Ring(Math.min(capacity, mostHits));
    this.#others = new Ring(capacity);
  }

  record(exchange: Exchange): void {
    const isHit = exchange.verdict === "ok" && exchange.tries.length === 0;
    (isHit ? this.#hits : this.#others).push(exchange);
  }

  /**
   * The exchanges about a module and a version or query, the newest first; with null those about any version, list
   * and @latest included.
   */
  find(module: string, version: string | null): readonly Exchange[] {
    const fits = (exchange: Exchange): boolean =>
      moduleOf(exchange.request) === module && (version === null || versionOf(exchange.request) === version);
    const found = [...this.#hits.all().filter(fits), ...this.#others.all().filter(fits)];
    return found.sort((left, right) => right.startedAtMs - left.startedAtMs || (right.id < left.id ? -1 : 1));
  }
}

class Ring {
  readonly #capacity: number;
  readonly #items: Exchange[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: Exchange): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  all(): readonly Exchange[] {
    return this.#items;
  }
}
