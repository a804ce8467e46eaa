/** `!` and the lower-case letter for each upper-case one. https://go.dev/ref/mod#module-proxy-escaped-path */
export function escapeUpper(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/** True for vX.Y.Z-yyyymmddhhmmss-abcdefabcdef and its two other forms. */
export function isPseudo(version: string): boolean {
  return /^v[0-9]+\.[0-9]+\.[0-9]+-([0-9A-Za-z.-]+\.)?[0-9]{14}-[0-9a-f]{12}$/.test(version);
}

/**
 * Versions in the order in which Go prefers them as `latest`: releases, pre-releases, pseudo-versions,
 * each from the highest down. Knows only the versions that tests make, not every rule of semver.
 */
export function newestFirst<T extends { readonly version: string }>(entries: readonly T[]): T[] {
  return [...entries].sort((left, right) => {
    const [leftRank, rightRank] = [rank(left.version), rank(right.version)];
    for (const [index, value] of leftRank.entries()) {
      const other = rightRank[index] ?? 0;
      if (value !== other) return other - value;
    }
    return left.version < right.version ? 1 : -1;
  });
}

function rank(version: string): number[] {
  const [numbers = "", ...rest] = version.slice(1).replace("+incompatible", "").split("-");
  const kind = isPseudo(version) ? 0 : rest.length > 0 ? 1 : 2;
  // Go takes an incompatible version only where no compatible one is left; tests do not list both as releases.
  return [kind, ...numbers.split(".").map(Number)];
}
