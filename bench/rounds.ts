/** The middle value; the mean of the two in the middle of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** What was measured of each subject, a value for each round. */
export type Rounds<T> = ReadonlyMap<string, readonly T[]>;

/**
 * Measures the subjects in turn, round after round, so that whatever else the machine does meets all of them alike.
 * A first round warms up and is forgotten.
 */
export async function interleave<T>(
  subjects: ReadonlyMap<string, () => Promise<T>>,
  rounds: number,
): Promise<Rounds<T>> {
  const results = new Map<string, T[]>([...subjects.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of subjects) {
      const value = await measure();
      if (round > 0) results.get(name)?.push(value);
    }
  }
  return results;
}

export function medianOf<T>(results: Rounds<T>, name: string, pick: (value: T) => number): number {
  return median((results.get(name) ?? []).map(pick));
}

/** The median over the rounds of one subject's value by another's of the same round. */
export function ratioOf<T>(results: Rounds<T>, name: string, base: string, pick: (value: T) => number): number {
  const bases = results.get(base) ?? [];
  return median((results.get(name) ?? []).map((value, round) => pick(value) / pick(bases[round] ?? value)));
}
