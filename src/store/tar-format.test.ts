import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readTar } from "./read-tar.ts";
import { tarPadding, writeTarHeader } from "./tar-format.ts";

interface Item {
  readonly name: string;
  readonly content: Buffer;
}

test("readTar reads back what writeTarHeader wrote, whatever the names, sizes and chunks", async (t) => {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  const element = fc.string({
    unit: fc.constantFrom(..."a b c A B C 0 1 9 - . _ ~ é 世".split(" ")),
    minLength: 1,
    maxLength: 60,
  });
  const name = fc.array(element, { minLength: 1, maxLength: 8 }).map((elements) => elements.join("/"));
  const bytes = fc.uint8Array({ maxLength: 1_500 }).map((content) => Buffer.from(content));
  const item = fc.record({ name, content: bytes }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { maxLength: 6 }),
      fc.integer({ min: 1, max: 3_000 }),
      async (items, chunkBytes) => {
        const read: Item[] = [];
        for await (const entry of readTar(chunked(tarOf(items), chunkBytes))) {
          const pieces: Uint8Array[] = [];
          for await (const piece of entry.content) pieces.push(piece);
          assert.equal(entry.type, "0");
          read.push({ name: entry.name, content: Buffer.concat(pieces) });
        }
        assert.deepEqual(read, items);
      },
    ),
    { seed, numRuns: 200 },
  );
});

test("readTar skips content that nobody takes, and content that is left half-way", async () => {
  const items = ["a", "b", "c"].map((name) => ({ name, content: Buffer.alloc(2_000, name) }));
  const names: string[] = [];
  for await (const entry of readTar(chunked(tarOf(items), 700))) {
    names.push(entry.name);
    if (entry.name === "b") for await (const _piece of entry.content) break;
  }
  assert.deepEqual(names, ["a", "b", "c"]);
});

test("readTar says UPSTREAM_DAMAGED at whichever byte a tar breaks off", async () => {
  const whole = tarOf([
    { name: "x".repeat(300), content: Buffer.alloc(600, 1) },
    { name: "b", content: Buffer.alloc(3, 2) },
  ]);
  for (let length = 0; length < whole.length - 1_023; length += 37) {
    await assert.rejects(
      async () => {
        for await (const entry of readTar(chunked(whole.subarray(0, length), 500))) {
          for await (const piece of entry.content) assert.ok(piece.length > 0);
        }
      },
      { code: "UPSTREAM_DAMAGED" },
      `cut at ${length} of ${whole.length}`,
    );
  }
});

test("readTar never crashes on garbage and on tars with a byte changed", async (t) => {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  const whole = tarOf([{ name: "y".repeat(200), content: Buffer.alloc(100, 1) }]);
  const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
    const copy = Buffer.from(whole);
    copy[at] = byte;
    return copy;
  });
  const garbage = fc.uint8Array({ minLength: 512, maxLength: 2_048 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, garbage), async (bytes) => {
      try {
        for await (const entry of readTar(chunked(bytes, 512))) for await (const _piece of entry.content);
      } catch (error) {
        assert.ok(error instanceof Error && "code" in error && error.code === "UPSTREAM_DAMAGED", String(error));
      }
    }),
    { seed, numRuns: 500 },
  );
});

function tarOf(items: readonly Item[]): Buffer {
  const blocks = items.flatMap(({ name, content }) => [
    writeTarHeader({ name, size: content.length, modifiedAtMs: 1_700_000_000_000, type: "0" }),
    content,
    tarPadding(content.length),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}

async function* chunked(bytes: Buffer, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
