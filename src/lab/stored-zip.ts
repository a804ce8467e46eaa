import { crc32 } from "node:zlib";

/** A file of a zip: its whole name and its bytes. */
export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const version = 20;
const isUtf8 = 0x0800;
// Midnight of 1 January 1980, the first that the format knows: Go ignores the times of a module zip.
const firstDay = (1 << 5) | 1;

/**
 * A zip of these files in their order, uncompressed; the same files give the same bytes. For few and small files: no
 * more than 65,535 of them and 4 GiB together. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function storedZip(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const nameBytes = Buffer.from(name);
    const shared = sharedFields(nameBytes, bytes);
    const local = Buffer.concat([signature(0x04034b50), shared, nameBytes, bytes]);
    directory.push(signature(0x02014b50), word(version), shared, placeFields(offset), nameBytes);
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

// What the header before the content and the one in the directory have in common.
function sharedFields(name: Buffer, bytes: Uint8Array): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(version, 0);
  fields.writeUInt16LE(isUtf8, 2);
  fields.writeUInt16LE(firstDay, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(bytes.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

// Comment, disk and attributes are all zero.
function placeFields(offset: number): Buffer {
  const fields = Buffer.alloc(14);
  fields.writeUInt32LE(offset, 10);
  return fields;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
