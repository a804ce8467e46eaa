import assert from "node:assert/strict";
import { test } from "node:test";
import { type Arm, type ArmRun, judgeArms } from "./judge-arms.ts";

const run = (exitCode: number | null, gaveUpAfterMs: number | null = null): ArmRun => ({
  exitCode,
  tookMs: 1234,
  lastLine: exitCode === 0 ? "ok" : "no answer",
  gaveUpAfterMs,
});
const arms = (straight: ArmRun[], passed: ArmRun[], spoilt: ArmRun[]): Arm[] => [
  { name: "straight", runs: straight },
  { name: "pass-through", runs: passed },
  { name: "fault", runs: spoilt },
];
const fine = [run(0), run(0)];

test("judgeArms names the cause that the arms prove, and says where they prove none", () => {
  const rows: [Arm[], string, RegExp][] = [
    [
      arms(fine, fine, [run(1, 3004.2), run(1, 3010)]),
      "fault",
      /^It fails only with latency=3500ms; the client gives up after 3000 ms\.$/,
    ],
    [arms(fine, fine, [run(1), run(0)]), "fault", /^It fails only with latency=3500ms, 1 of 2 runs fail\.$/],
    [arms(fine, fine, fine), "unclear", /do not tell/],
    [arms([run(1), run(1)], [run(1), run(1)], [run(1), run(1)]), "target", /without any proxy, 2 of 2 runs fail/],
    [arms(fine, [run(null), run(0)], fine), "proxy", /changes nothing, 1 of 2 runs fail/],
  ];
  for (const [given, cause, statement] of rows) {
    const verdict = judgeArms(given, ["latency=3500ms"]);
    assert.equal(verdict.cause, cause);
    assert.match(verdict.statement, statement);
    assert.equal(verdict.evidence.length, 3);
  }
  assert.match(
    judgeArms(arms(fine, [run(null), run(0)], fine), []).evidence[1] ?? "",
    /exit by a signal after 1234 ms: no answer/,
  );
});
