import assert from "node:assert/strict";
import { test } from "node:test";
import { fillerSumdb, testClient } from "../../test/testkit/sumdb-world.ts";
import { demandRecordedHash } from "./mismatch.ts";

test("demandRecordedHash passes the recorded hash alone, and shows both hashes and the proof otherwise", async () => {
  const { filler } = testClient(fillerSumdb(300));
  const proved = await filler(7);
  demandRecordedHash(proved, "zip", { hash: proved.zip, from: "P1" });
  demandRecordedHash(proved, "mod", { hash: proved.mod, from: "P1" });
  assert.throws(
    () => demandRecordedHash(proved, "zip", { hash: proved.mod, from: "P1" }),
    (error) => {
      assert.ok(error instanceof Error && "code" in error && "evidence" in error);
      assert.equal(error.code, "SUMDB_MISMATCH");
      assert.ok(error.message.includes(proved.zip) && error.message.includes(proved.mod), error.message);
      assert.match(error.message, /^Upstream "P1" gave the zip of filler\.example\/m7@v1\.0\.0 with h1:/);
      assert.deepEqual(error.evidence, { kind: "zip", got: proved.mod, from: "P1", want: proved.zip, proved });
      return true;
    },
  );
  assert.throws(() => demandRecordedHash(proved, "mod", { hash: "", from: "P1" }), { code: "SUMDB_MISMATCH" });
});
