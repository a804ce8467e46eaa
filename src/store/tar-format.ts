/** The header of one file in a tar. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  readonly modifiedAtMs: number;
  /** `0` file, `5` directory, `x` and `g` extended headers, `L` GNU long name, anything else as the tar has it. */
  readonly type: string;
}

export const tarBlock = 512;
const maxOctalSize = 0o77777777777;

/** The header blocks of a file: one, or three with an extended header where name or size do not fit. */
export function writeTarHeader(header: TarHeader): Buffer {
  const split = splitName(header.name);
  if (split && header.size <= maxOctalSize) return headerBlock(header, split);
  const records = Buffer.from(
    paxRecord("path", header.name) + (header.size > maxOctalSize ? paxRecord("size", String(header.size)) : ""),
  );
  const extended = { name: "PaxHeader", size: records.length, modifiedAtMs: header.modifiedAtMs, type: "x" };
  const short = { prefix: "", name: header.name.slice(0, 90).replace(/[^\u0020-\u007e]/g, "_") };
  return Buffer.concat([
    headerBlock(extended, { prefix: "", name: extended.name }),
    records,
    tarPadding(records.length),
    headerBlock({ ...header, size: Math.min(header.size, maxOctalSize) }, short),
  ]);
}

/** The zero bytes that fill the last block of a content of `size` bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock);
}

/** The header in a block; null for the block of zeros that ends a tar; `damaged` where it is no header. */
export function readTarHeader(block: Uint8Array): TarHeader | null | "damaged" {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  if (bytes.every((byte) => byte === 0)) return null;
  if (numberIn(bytes, 148, 8) !== checksumOf(bytes)) return "damaged";
  const prefix = bytes.toString("latin1", 257, 263) === "ustar\0" ? textIn(bytes, 345, 155) : "";
  const name = textIn(bytes, 0, 100);
  const size = numberIn(bytes, 124, 12);
  if (!Number.isSafeInteger(size) || size < 0) return "damaged";
  const type = bytes.toString("latin1", 156, 157);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    size,
    modifiedAtMs: numberIn(bytes, 136, 12) * 1000,
    type: type === "\0" ? "0" : type,
  };
}

/** The values of an extended header; null where it breaks the format. */
export function readPaxRecords(content: Uint8Array): ReadonlyMap<string, string> | null {
  const values = new Map<string, string>();
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(bytes.toString("latin1", at, space));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) return null;
    const record = bytes.toString("utf8", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    if (equals < 0) return null;
    values.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return values;
}

function headerBlock(header: TarHeader, place: { readonly prefix: string; readonly name: string }): Buffer {
  const block = Buffer.alloc(tarBlock);
  block.write(place.name, 0, 100);
  block.write(["0000644", "0000000", "0000000", ""].join("\0"), 100);
  block.write(`${header.size.toString(8).padStart(11, "0")}\0`, 124);
  block.write(
    `${Math.floor(header.modifiedAtMs / 1000)
      .toString(8)
      .padStart(11, "0")}\0`,
    136,
  );
  block.write(header.type, 156);
  block.write(["ustar", "00"].join("\0"), 257);
  block.write(place.prefix, 345, 155);
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

// The sum of all bytes, those of the sum itself counted as spaces.
function checksumOf(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function splitName(name: string): { readonly prefix: string; readonly name: string } | null {
  if (!/^[\u0020-\u007e]*$/.test(name)) return null;
  if (name.length <= 100) return { prefix: "", name };
  const slash = name.indexOf("/", name.length - 101);
  if (slash < 0 || slash > 155 || slash === name.length - 1) return null;
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
}

// Its own length counts, and may itself grow by a digit.
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function textIn(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
}

// Octal, or big-endian binary where the first bit is set, as GNU tar writes large sizes.
function numberIn(bytes: Buffer, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  if (first === 0x80) return bytes.subarray(at + 1, at + length).reduce((sum, byte) => sum * 256 + byte, 0);
  const text = textIn(bytes, at, length).trim();
  if (text === "") return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}
