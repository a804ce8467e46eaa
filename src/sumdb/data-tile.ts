import { hashBytes, recordHash } from "./merkle.ts";
import { utf8Text } from "./signed-note.ts";

/**
 * The first `count` records of a data tile that has at least so many, as such a tile; null where it has fewer or is
 * none. Each record is lines of text with a blank line behind. https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#FormatRecord
 */
export function firstRecords(bytes: Uint8Array, count: number): Buffer | null {
  const text = utf8Text(bytes);
  if (text === null) return null;
  let end = 0;
  for (let record = 0; record < count; record++) {
    const blank = text.indexOf("\n\n", end);
    if (blank < 0) return null;
    end = blank + 2;
  }
  return Buffer.from(text.slice(0, end));
}

/** True where the bytes are a data tile of exactly the records that these hashes are of, one behind the other. */
export function isDataTileOf(bytes: Uint8Array, hashes: Buffer): boolean {
  const text = utf8Text(bytes);
  if (text === null || !text.endsWith("\n\n")) return false;
  const records = text.slice(0, -2).split("\n\n");
  if (records.length * hashBytes !== hashes.length) return false;
  return records.every((record, index) => {
    return recordHash(`${record}\n`).equals(hashes.subarray(index * hashBytes, (index + 1) * hashBytes));
  });
}
