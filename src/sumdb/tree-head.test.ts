import assert from "node:assert/strict";
import { test } from "node:test";
import { noteSigner } from "../../test/testkit/signed-note.ts";
import { goVectors } from "../../test/testkit/vectors.ts";
import { noteVerifier } from "./signed-note.ts";
import { openTreeHead, parseCount, parseTreeHead } from "./tree-head.ts";

test("parseTreeHead reads what Go reads", () => {
  const rows: readonly [string, number | null, string | null][] = goVectors("tree-head");
  for (const [text, size, root] of rows) {
    const head = parseTreeHead(text);
    assert.equal(head?.size ?? null, size, JSON.stringify(text));
    assert.equal(head?.root.toString("base64") ?? null, root, JSON.stringify(text));
  }
});

test("parseCount knows no number beyond 2^53, where Go counts on", () => {
  assert.equal(parseCount("9007199254740991"), 9_007_199_254_740_991);
  for (const text of ["9007199254740992", "9223372036854775807", "1e3", " 1", "1\n", "", "-0"]) {
    assert.equal(parseCount(text), null, JSON.stringify(text));
  }
});

test("openTreeHead refuses what is signed and no tree, and what is a tree and not signed", () => {
  const signer = noteSigner("sum.example.test");
  const verifier = noteVerifier(signer.verifierKey);
  const tree = "go.sum database tree\n2\nnND/nri/U0xuHUrYSy0HtMeal2vzD9V4k/BO79C+QeI=\n";
  const note = signer.sign(tree);
  const opened = openTreeHead(note, verifier);
  assert.ok(opened.kind === "head" && opened.head.size === 2 && opened.head.note === note);
  const rows = [
    [signer.sign("no tree\n"), "is signed and no description of a tree"],
    [tree, "has no signatures after a blank line"],
  ] as const;
  for (const [text, reason] of rows) assert.deepEqual(openTreeHead(text, verifier), { kind: "fault", reason });
});
