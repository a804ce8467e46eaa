import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { Progress } from "./progress.ts";

const clear = "\r\u001b[K";

function started(options: { isTTY?: boolean; env?: Record<string, string>; columns?: number; unit?: string } = {}) {
  const written: string[] = [];
  const clock = new FakeClock();
  const output = {
    write: (text: string) => void written.push(text),
    isTTY: options.isTTY ?? true,
    columns: options.columns ?? 100,
  };
  const progress = new Progress({
    output,
    clock,
    env: options.env ?? {},
    paint: (_, text) => text,
    unit: options.unit ?? "bytes",
  });
  return { written, clock, progress };
}

test("Progress.update shows share, amount, rate and time left", async () => {
  const { written, clock, progress } = started();
  await clock.advance(2000);
  progress.update(1024 * 1024, 4 * 1024 * 1024, "example.com/a@v1.0.0");
  assert.deepEqual(written, [
    `${clear}[######------------------]  25%  1.0 MiB of 4.0 MiB  512 KiB/s  6.0 s left  example.com/a@v1.0.0`,
  ]);
});

test("Progress.update shows what is known where the total is not", async () => {
  const { written, clock, progress } = started({ unit: "files" });
  progress.update(0, null);
  await clock.advance(500);
  progress.update(1500, null);
  assert.deepEqual(written, [`${clear}0 files`, `${clear}1,500 files  3,000 files/s`]);
});

test("Progress.update draws ten times a second at most, and the end always", async () => {
  const { written, clock, progress } = started();
  for (let step = 0; step < 1000; step++) {
    await clock.advance(1);
    progress.update(step, 2000);
  }
  assert.equal(written.length, 10);
  progress.update(2000, 2000);
  assert.match(written.at(-1) ?? "", /100%/);
});

test("Progress keeps within the terminal and leaves it clear", async () => {
  const { written, clock, progress } = started({ columns: 60 });
  await clock.advance(1000);
  progress.update(1, 2, "a label that is much longer than what is left of the line");
  assert.ok((written[0] ?? "").length - clear.length <= 59);
  progress.say("a line above");
  progress[Symbol.dispose]();
  assert.deepEqual(written.slice(1), [clear, "a line above\n"]);
  progress.update(2, 2);
  progress[Symbol.dispose]();
  assert.equal(written.at(-1), clear);
});

test("Progress writes nothing where standard error is no terminal, or a dumb one", () => {
  for (const options of [{ isTTY: false }, { env: { TERM: "dumb" } }]) {
    const { written, progress } = started(options);
    progress.update(1, 2);
    progress.update(2, 2);
    progress[Symbol.dispose]();
    assert.deepEqual(written, []);
  }
});
