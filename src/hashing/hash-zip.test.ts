import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { ZipFile } from "yazl";
import { buffer } from "node:stream/consumers";
import { hash1 } from "../../test/testkit/dirhash.ts";
import { checkZip } from "../gomod/zip-directory.ts";
import { Problem } from "../kernel/problem.ts";
import { hashZip, refuseFault } from "./hash-zip.ts";
import { bytesSource } from "./zip-sources.ts";

type Row = [what: string, module: string, version: string, zip: string, refused: string | null, h1: string | null];

const rows = JSON.parse(readFileSync("test/vectors/module-zip.json", "utf8")) as Row[];

const isDeep = process.env["MODGATE_DEEP"] === "1";

/** Gives the code and message of a Problem, and passes everything else on. */
async function orProblem<T>(run: Promise<T>): Promise<T | string> {
  try {
    return await run;
  } catch (error) {
    if (error instanceof Problem && error.code === "UPSTREAM_DAMAGED") return error.message;
    throw error;
  }
}

test("hashZip says of each zip what Go's CheckZip and HashZip say", async () => {
  let accepted = 0;
  for (const [what, module, version, base64, refused, h1] of rows) {
    const zip = { source: bytesSource(Buffer.from(base64, "base64")), module, version };
    const found = await orProblem(hashZip(zip, () => {}));
    const checked = await orProblem(checkZip(zip.source, module, version));
    const say = `${what}: Go ${refused} and ${h1}, here ${JSON.stringify(found)}`;
    // Go reads on behind the end of the central directory; no writer leaves an entry there.
    if (typeof found === "string" && /half an entry after them/.test(found)) continue;
    if (refused === null && h1 !== null) {
      accepted++;
      assert.deepEqual(typeof found === "string" ? found : [found.h1, found.fault], [h1, null], say);
      assert.equal(typeof checked, "object", `${what}: ${JSON.stringify(checked)}`);
    } else {
      assert.ok(typeof found === "string" || found.fault !== null, say);
      // What cannot be unpacked has an h1 all the same, and it is Go's.
      if (typeof found === "object") assert.equal(found.h1, h1, say);
      if (refused !== null) assert.equal(typeof checked, "string", `${what}: ${refused}`);
    }
  }
  assert.ok(accepted > 150, `${accepted} of ${rows.length} are accepted`);
});

test("hashZip reads any honest zip", async (t) => {
  const name = fc.stringMatching(/^[a-z]{1,4}[0-9](?:\/[a-z]{1,4}[0-9]){0,2}$/);
  const made = fc.record({
    files: fc.uniqueArray(fc.record({ name, content: fc.uint8Array({ maxLength: 300 }) }), {
      selector: (file) => file.name.replaceAll("/", ""),
      maxLength: 9,
    }),
    compress: fc.boolean(),
    forceZip64Format: fc.boolean(),
  });
  const property = fc.asyncProperty(made, async ({ files, compress, forceZip64Format }) => {
    const zip = new ZipFile();
    const entries = files.map(({ name, content }) => ({ name: `example.com/a@v1.0.0/${name}`, data: content }));
    for (const { name, data } of entries) zip.addBuffer(Buffer.from(data), name, { compress, forceZip64Format });
    zip.end({ comment: "", forceZip64Format });
    const source = bytesSource(await buffer(zip.outputStream));
    const found = await hashZip({ source, module: "example.com/a", version: "v1.0.0" }, () => {});
    const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
    assert.equal(found.h1, hash1(entries));
    assert.deepEqual([found.files, found.bytes], [files.length, bytes]);
  });
  await fc.assert(property, { seed: seedOf(t), numRuns: isDeep ? 5000 : 500 });
});

test("hashZip gives the same h1 or a reason for every changed byte of what it hashes", async (t) => {
  const whole = rows
    .filter(([, , , , refused, h1]) => refused === null && h1 !== null)
    .filter(([what]) => /tored|eflated|large$|descriptor/.test(what));
  assert.ok(whole.length >= 6);
  const property = fc.asyncProperty(
    fc.nat(),
    fc.nat(),
    fc.integer({ min: 1, max: 255 }),
    async (which, where, change) => {
      const [, module, version, base64, , h1] = whole[which % whole.length] as Row;
      const zip = Buffer.from(base64, "base64");
      // Up to the central directory, which has the names.
      const at = where % zip.indexOf("PK\u0001\u0002");
      zip[at] = (zip[at] ?? 0) ^ change;
      const found = await orProblem(hashZip({ source: bytesSource(zip), module, version }, () => {}));
      assert.ok(
        typeof found === "string" || found.h1 === h1,
        `byte ${at} changed by ${change}: ${JSON.stringify(found)}`,
      );
    },
  );
  await fc.assert(property, { seed: seedOf(t), numRuns: isDeep ? 10_000 : 800 });
});

test("refuseFault refuses a zip that go would never unpack, and keeps its h1 as evidence", () => {
  const hash = { h1: "h1:x", files: 1, bytes: 2 };
  assert.deepEqual(refuseFault({ ...hash, fault: null }, "a@v1"), hash);
  assert.throws(
    () => refuseFault({ ...hash, fault: "go.mod file not in module root directory" }, "a@v1"),
    (error) =>
      error instanceof Problem &&
      error.message === "The zip of a@v1 is damaged: go.mod file not in module root directory" &&
      error.evidence?.["h1"] === "h1:x",
  );
});

test("hashZip stops at the next file where its checkpoint throws", async () => {
  const [, module, version, base64] = rows.find(([what]) => what === "large") as Row;
  const stop = new Error("nobody waits");
  let asked = 0;
  const checkpoint = (): void => {
    if (++asked > 1) throw stop;
  };
  await assert.rejects(
    hashZip({ source: bytesSource(Buffer.from(base64, "base64")), module, version }, checkpoint),
    stop,
  );
});

function seedOf(t: TestContext): number {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  return seed;
}
