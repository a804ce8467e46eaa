import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { maskText, maskUrl, oneLine } from "./mask.ts";

test("maskUrl replaces the password as go prints it, and a lone user, which may be a token", () => {
  assert.equal(maskUrl("https://joe:secret@host.test/x"), "https://joe:xxxxx@host.test/x");
  assert.equal(maskUrl("https://token@host.test/x"), "https://xxxxx@host.test/x");
  assert.equal(maskUrl("https://host.test/x"), "https://host.test/x");
  assert.equal(maskUrl("direct"), "direct");
});

test("maskText leaves no credentials of any URL in a text", () => {
  assert.equal(
    maskText("fatal: repository 'https://u:p@h.test/x.git/' and ssh://git@h.test not found, mail a@b.test"),
    "fatal: repository 'https://xxxxx@h.test/x.git/' and ssh://xxxxx@h.test not found, mail a@b.test",
  );
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9:!$&*+,;=._~-]{8,40}$/),
      fc.string({ maxLength: 20 }),
      (secret, around) => {
        assert.ok(!maskText(`${around.replaceAll(secret, "")} https://${secret}@h.test/`).includes(secret));
      },
    ),
    { seed: 7 },
  );
});

test("oneLine gives one printable line of at most so many characters", () => {
  assert.equal(oneLine("a\r\n\tb\u0000c\n", 80), "a b c");
  assert.equal(oneLine("abcdef", 4), "abc…");
});
