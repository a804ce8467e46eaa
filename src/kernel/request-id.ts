import type { Random } from "./random.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * Makes request ids: 13 characters, sorted by the time of their making, unlike any other of this
 * process. Cheap enough for every request: one counter, no system call.
 */
export function requestIds(startedAt: number, random: Random): () => string {
  const prefix = encode(Math.floor(startedAt / 1000), 6) + encode(Math.floor(random() * 32768), 3);
  let next = 0;
  return () => prefix + encode(next++ % 1048576, 4);
}

function encode(value: number, length: number): string {
  let text = "";
  let rest = value;
  for (let index = 0; index < length; index++) {
    text = (alphabet[rest % 32] ?? "0") + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
