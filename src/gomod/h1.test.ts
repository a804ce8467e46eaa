import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { hash1, hashGoMod } from "../../test/testkit/dirhash.ts";
import { h1Of, h1OfGoMod } from "./h1.ts";
import { createHash } from "node:crypto";

type Sums = [module: string, zip: string, mod: string, goMod: string, files: [name: string, sha256: string][]];

const sums = JSON.parse(readFileSync("test/vectors/sums.json", "utf8")) as Sums[];

test("h1Of and h1OfGoMod give what go.sum has for modules that everybody knows", () => {
  for (const [module, zip, mod, goMod, files] of sums) {
    assert.equal(h1Of(files.map(([name, sha256]) => ({ name, sha256 }))), zip, module);
    assert.equal(h1OfGoMod(Buffer.from(goMod)), mod, module);
  }
  assert.equal(
    sums.find(([module]) => module === "rsc.io/quote@v1.5.2")?.[1],
    "h1:w5fcysjrx7yqtD/aO+QwRjYZOKnaM9Uh2b40tElTs3Y=",
  );
});

test("h1Of of no files is what Go has for an empty zip", () => {
  assert.equal(h1Of([]), "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
});

test("h1Of refuses a name with a line feed", () => {
  assert.throws(() => h1Of([{ name: "a\nb", sha256: "0" }]), { code: "UPSTREAM_DAMAGED" });
});

test("h1Of sorts names by their bytes, and does not care for the order that they come in", (t) => {
  // Characters whose order in UTF-16 is another than in UTF-8.
  const name = fc.string({ unit: fc.constantFrom("a", "A", "/", ".", "é", "豈", "\uffee", "𐐀", "😀"), maxLength: 6 });
  const files = fc.uniqueArray(fc.record({ name, content: fc.string() }), { selector: (file) => file.name });
  const property = fc.property(files, (made) => {
    const entries = made.map(({ name, content }) => ({ name, data: Buffer.from(content) }));
    const hashed = entries.map(({ name, data }) => ({ name, sha256: createHash("sha256").update(data).digest("hex") }));
    assert.equal(h1Of(hashed), hash1(entries));
    assert.equal(h1Of(hashed.toReversed()), hash1(entries));
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 2000 });
});

test("h1OfGoMod hashes any bytes", (t) => {
  const property = fc.property(fc.uint8Array(), (bytes) => assert.equal(h1OfGoMod(bytes), hashGoMod(bytes)));
  fc.assert(property, { seed: seedOf(t), numRuns: 300 });
});

function seedOf(t: TestContext): number {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  return seed;
}
