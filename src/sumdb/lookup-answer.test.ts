import assert from "node:assert/strict";
import { test } from "node:test";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import { noteSigner } from "../../test/testkit/signed-note.ts";
import { parseLookupAnswer } from "./lookup-answer.ts";
import { noteVerifier } from "./signed-note.ts";

const signer = noteSigner("sum.example.test");
const verifier = noteVerifier(signer.verifierKey);
const wanted = { module: "example.com/a", version: "v1.0.0" };
const zip = `h1:${Buffer.alloc(32, 1).toString("base64")}`;
const mod = `h1:${Buffer.alloc(32, 2).toString("base64")}`;
const lines = `example.com/a v1.0.0 ${zip}\nexample.com/a v1.0.0/go.mod ${mod}\n`;
const head = signer.sign(`go.sum database tree\n9\n${Buffer.alloc(32, 3).toString("base64")}\n`);

const read = (text: string) => parseLookupAnswer(Buffer.from(text), wanted, verifier);
const reasonOf = (text: string): string => {
  const reading = read(text);
  return reading.kind === "fault" ? reading.reason : "it is an answer";
};

test("parseLookupAnswer reads record, hashes and tree head", () => {
  const reading = read(`7\n${lines}\n${head}`);
  assert.ok(reading.kind === "answer");
  const { answer } = reading;
  assert.deepEqual([answer.record, answer.text, answer.zip, answer.mod], [7, lines, zip, mod]);
  assert.deepEqual([answer.head.size, answer.head.note], [9, head]);
});

test("parseLookupAnswer ignores lines of other versions and of algorithms that nobody knows yet", () => {
  const more = `example.com/a v1.0.1 ${mod}\nexample.com/a v1.0.0 h2:x\n${lines}example.com/a v1.0.0 ${zip}\n`;
  const reading = read(`0\n${more}\n${head}`);
  assert.ok(reading.kind === "answer" && reading.answer.zip === zip && reading.answer.mod === mod);
});

test("parseLookupAnswer says what is wrong", () => {
  const rows: readonly [string, RegExp][] = [
    ["", /is no record with a signed tree head/],
    [`7\n${lines}`, /is no record with a signed tree head/],
    ["<html>\n<p>\n\n<body>", /does not begin with the number of a record/],
    ...["07", "+7", "-1", "7 ", "x", "9007199254740993"].map((id): [string, RegExp] => [
      `${id}\n${lines}\n${head}`,
      /does not begin with the number/,
    ]),
    [`7\n\n${head}`, /has a (record that is no text|tree head that)/],
    [`7\n${lines.replace("a v1", "a\tv1")}\n${head}`, /has a record that is no text/],
    [
      `7\n${lines}\n${head.replace("\n9\n", "\n8\n")}`,
      /has a tree head that has a wrong signature of sum\.example\.test/,
    ],
    [`7\n${lines}\n${noteSigner("x").sign("go.sum database tree\n")}`, /no signature of the known key/],
    [`7\n${lines.replaceAll("v1.0.0", "v1.0.1")}\n${head}`, /without one h1 for the zip of example\.com\/a@v1\.0\.0/],
    [`7\n${lines.split("\n")[0]}\n\n${head}`, /without one h1 for go\.mod/],
    [`7\n${lines}example.com/a v1.0.0 ${mod}\n\n${head}`, /without one h1 for the zip/],
    [`7\n${lines.replace(zip, "h1:AAAA")}\n${head}`, /without one h1 for the zip/],
    [`7\n${lines.replace(zip, zip.replace("=", ""))}\n${head}`, /without one h1 for the zip/],
  ];
  for (const [text, want] of rows) assert.match(reasonOf(text), want, JSON.stringify(text.slice(0, 60)));
  const bytes = Buffer.concat([Buffer.from(`7\n${lines}`), Buffer.from([0xff]), Buffer.from(`\n\n${head}`)]);
  assert.deepEqual(parseLookupAnswer(bytes, wanted, verifier), { kind: "fault", reason: "is no UTF-8" });
});

test("a single bit turned over in the answer is refused, or changes number or record, which the tree decides on", () => {
  const bytes = Buffer.from(`7\n${lines}\n${head}`);
  const recordEnd = bytes.length - Buffer.byteLength(head);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const reading = parseLookupAnswer(flipBit(bytes, bit), wanted, verifier);
    if (reading.kind === "fault") continue;
    assert.ok(bit < recordEnd * 8, `bit ${bit} of the tree head`);
    assert.ok(reading.answer.record !== 7 || reading.answer.text !== lines, `bit ${bit}`);
  }
});
