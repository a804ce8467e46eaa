import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import { noteSigner } from "../../test/testkit/signed-note.ts";
import { goVectors } from "../../test/testkit/vectors.ts";
import { noteVerifier, openNote, utf8Text } from "./signed-note.ts";

type Row = readonly [key: string, note: string, text: string | null, isLoose: boolean];

const signer = noteSigner("localhost.localdev/sumdb");
const verifier = noteVerifier(signer.verifierKey);

test("openNote opens what Go opens, but base64 that is not written as Go writes it", () => {
  const rows: readonly Row[] = goVectors("signed-note");
  let loose = 0;
  for (const [key, note, text, isLoose] of rows) {
    const reading = openNote(note, noteVerifier(key));
    const want = isLoose ? null : text;
    assert.equal(reading.kind === "signed" ? reading.text : null, want, JSON.stringify(note.slice(0, 300)));
    if (isLoose && text !== null) loose++;
  }
  assert.ok(loose > 0, "Go accepts some of them");
});

test("openNote refuses a note with any single bit turned over", () => {
  const note = Buffer.from(signer.sign("go.sum database tree\n7\nnND/nri/U0xuHUrYSy0HtMeal2vzD9V4k/BO79C+QeI=\n"));
  assert.equal(openNote(note.toString(), verifier).kind, "signed");
  for (let bit = 0; bit < note.length * 8; bit++) {
    const text = utf8Text(flipBit(note, bit));
    assert.ok(text === null || openNote(text, verifier).kind === "fault", `bit ${bit}`);
  }
});

test("openNote says what is wrong", () => {
  const other = noteSigner("other.example").sign("text\n");
  const sameName = noteSigner(signer.name).sign("text\n");
  const good = signer.sign("text\n");
  const rows: readonly [string, RegExp][] = [
    ["", /has no signatures after a blank line/],
    [other, /has no signature of the known key of localhost\.localdev\/sumdb/],
    [sameName, /has no signature of the known key/],
    [good.replace("text", "test"), /has a wrong signature of localhost\.localdev\/sumdb/],
    [good.replace("text", "te\u0007t"), /has control characters/],
    [`te\ud800t${good}`, /has control characters/],
    [`${good}x\n`, /has a signature line that is none/],
    [`${"x".repeat(1_000_000)}${good}`, /is longer than 1000000 bytes/],
    [good + good.split("\n\n")[1]?.repeat(100), /has more than 100 signatures/],
  ];
  for (const [note, want] of rows) {
    const reading = openNote(note, verifier);
    assert.match(reading.kind === "fault" ? reading.reason : "it is signed", want);
  }
});

test("noteVerifier refuses a key that is none", () => {
  assert.throws(
    () => noteVerifier("localhost.localdev+00000000+AAAA"),
    (error) =>
      error instanceof Problem && error.code === "CONFIG_INVALID" && /its hash is 00000000/.test(error.message),
  );
});

test("utf8Text keeps every byte, and is null for what is no UTF-8", () => {
  const text = "\ufeffé 文 😀\u0000";
  assert.equal(utf8Text(Buffer.from(text)), text);
  for (const hex of ["ff", "c080", "eda080", "f4908080", "e282", "80"]) {
    assert.equal(utf8Text(Buffer.from(hex, "hex")), null, hex);
  }
});
