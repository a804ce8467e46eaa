import assert from "node:assert/strict";
import { test } from "node:test";
import { transportFailure } from "./transport-failure.ts";

const errorOf = (code: string): Error => Object.assign(new Error("it failed"), { code });

test("transportFailure says for each fault of a certificate what mends it, and does not ask again", () => {
  const hints = [
    ["SELF_SIGNED_CERT_IN_CHAIN", /ca: of this upstream.*system store/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /ca: of this upstream.*system store/],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", /ca: of this upstream.*system store/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /ca: of this upstream.*system store/],
    ["CERT_HAS_EXPIRED", /renewed.*clock/],
    ["CERT_NOT_YET_VALID", /clock/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /host name/],
  ] as const;
  for (const [code, hint] of hints) {
    const { kind, reason, mayRetry, hint: said } = transportFailure(errorOf(code));
    assert.deepEqual([kind, reason, mayRetry], ["unreachable", `it failed (${code})`, false]);
    assert.match(said ?? "", hint, code);
    assert.ok(Buffer.byteLength(said ?? "") <= 150, `${code}: go's room for a hint`);
  }
});

test("transportFailure has no hint of its own where the reason says it all", () => {
  for (const code of ["ECONNREFUSED", "ENOTFOUND", "EPROTO", ""]) {
    assert.equal(transportFailure(errorOf(code)).hint, null, code);
  }
});

test("transportFailure leaves out Node's advice about its own flags", () => {
  const message =
    "unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca";
  const error = Object.assign(new Error(message), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  const want = "unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE)";
  assert.equal(transportFailure(error).reason, want);
});
