import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { systemClock } from "../kernel/clock.ts";
import { Descriptors } from "./descriptors.ts";
import { nodeDisk } from "./node-disk.ts";

test("ChunkBuffers keep the bytes of streams apart, whoever is slow and whoever leaves early", async () => {
  await using folder = await tempDir("chunks");
  const descriptors = new Descriptors(nodeDisk, systemClock);
  const contents = Array.from({ length: 4 }, (_, index) => randomBytes(1_300_000 + index * 77_777));
  const streams = await Promise.all(
    contents.map(async (bytes, index) => {
      const path = join(folder.path, String(index));
      await writeFile(path, bytes);
      const file = await nodeDisk.open(path);
      assert.ok(file);
      return { bytes, descriptor: descriptors.adopt(file) };
    }),
  );
  const hashOf = async ({ bytes, descriptor }: (typeof streams)[number], leavesAfter: number): Promise<void> => {
    const got = createHash("sha256");
    let chunks = 0;
    for await (const chunk of descriptor.stream({ start: 0, end: bytes.length - 1 })) {
      // Other streams run on while this one holds its chunk.
      await new Promise((resolve) => void setImmediate(resolve));
      got.update(chunk);
      if (++chunks === leavesAfter) return;
    }
    assert.equal(got.digest("hex"), createHash("sha256").update(bytes).digest("hex"));
  };
  const rounds = Array.from({ length: 6 }, (_, round) =>
    streams.map((stream, index) => hashOf(stream, (index + round) % 4 === 0 ? 2 : 99)),
  );
  await Promise.all(rounds.flat());
  for (const { descriptor } of streams) descriptor.letGo();
  await descriptors.close();
});
