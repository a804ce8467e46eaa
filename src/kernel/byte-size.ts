const unitBytes = new Map([
  ["B", 1],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
]);

/** Bytes of a size such as `10GiB`, `1.5GB` or `1048576`; null where the text is none or is too large for a number. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d{1,16}(?:\.\d{1,9})?) ?([KMGT]i?B|B)?$/.exec(text);
  if (match === null) return null;
  const bytes = Math.round(Number(match[1]) * (unitBytes.get(match[2] ?? "B") ?? 1));
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Writes bytes as parseByteSize reads them, in the largest binary unit that leaves no fraction. */
export function formatByteSize(bytes: number): string {
  for (const unit of ["TiB", "GiB", "MiB", "KiB"]) {
    const size = unitBytes.get(unit) ?? 1;
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}
