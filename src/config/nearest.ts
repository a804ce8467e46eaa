/** The candidate that a mistyped word was meant to be; null where none is near: 2 letters off, or a third of a long word. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(simplified(word), simplified(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

// `max_size`, `max-size` and `MaxSize` are the same word.
function simplified(word: string): string {
  return word.slice(0, 64).toLowerCase().replace(/[_.-]/g, "");
}

function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      const above = previous[column] ?? 0;
      const left = current[column - 1] ?? 0;
      current.push(Math.min(above + 1, left + 1, (previous[column - 1] ?? 0) + same));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
