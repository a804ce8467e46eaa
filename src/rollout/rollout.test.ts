import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import type { Verdict } from "../kernel/verdict.ts";
import type { Config } from "../config/config.ts";
import type { Exchange } from "../ports/exchange.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import type { Generation, RolloutEvent } from "./generation.ts";
import { Rollout } from "./rollout.ts";
import { Splitter } from "./traffic.ts";

interface Bench {
  readonly clock: FakeClock;
  readonly events: RolloutEvent[];
  readonly closed: number[];
  readonly abandoned: number[];
  readonly rollout: Rollout;
  readonly served: number[];
  verdictOf: (generation: number) => Verdict;
  /** Further fields of what each generation answers. */
  answer: Partial<Exchange> | Promise<Partial<Exchange>>;
  load: () => Promise<Config>;
  smoke: (signal: AbortSignal) => Promise<readonly string[]>;
}

const canary = { share: 0.25, forMs: 1000, maxErrorRate: 0.1 };

function configWith(extra: object = {}): Config {
  return {
    listen: [{ address: "127.0.0.1:0" }],
    data: "/d",
    processes: 1,
    tls: null,
    canary,
    ...extra,
  } as unknown as Config;
}

function bench(): Bench {
  const clock = new FakeClock();
  const parts = {
    clock,
    events: [] as RolloutEvent[],
    closed: [] as number[],
    abandoned: [] as number[],
    served: [] as number[],
    verdictOf: (): Verdict => "ok",
    answer: {},
    load: (): Promise<Config> => Promise.resolve(configWith()),
    smoke: (): Promise<readonly string[]> => Promise.resolve([]),
  } as unknown as Bench;
  const generation = (config: Config, number: number): Generation =>
    ({
      number,
      config,
      serve: async () => {
        parts.served.push(number);
        return { verdict: parts.verdictOf(number), cache: "miss", problem: null, ...(await parts.answer) };
      },
      abandon: () => void parts.abandoned.push(number),
      close: () => {
        parts.closed.push(number);
        return Promise.resolve();
      },
    }) as unknown as Generation;
  const rollout = new Rollout(
    {
      clock,
      load: () => parts.load(),
      smoke: (_config, signal) => parts.smoke(signal),
      build: (config, number) => Promise.resolve(generation(config, number)),
      onEvent: (event) => parts.events.push(event),
    },
    generation(configWith(), 1),
  );
  return Object.assign(parts, { rollout });
}

async function ask(parts: Bench, times: number): Promise<void> {
  for (let index = 0; index < times; index++) await parts.rollout.serve({} as never, {} as never);
}

test("Rollout gives the canary its share and promotes it when its time is over", async () => {
  const parts = bench();
  await parts.rollout.propose();
  await ask(parts, 100);
  assert.equal(parts.served.filter((number) => number === 2).length, 25);
  await parts.clock.advance(1000);
  assert.deepEqual(parts.events.at(-1), { kind: "promoted", generation: 2, requests: 25, errors: 0 });
  assert.equal(parts.rollout.current.number, 2);
  assert.deepEqual(parts.closed, [1]);
});

test("Rollout takes a canary back as soon as its own error rate is too high", async () => {
  const parts = bench();
  parts.verdictOf = (number) => (number === 2 ? "unreachable" : "ok");
  await parts.rollout.propose();
  await ask(parts, 200);
  assert.equal(parts.events.at(-1)?.kind, "rolled-back");
  assert.equal(parts.served.filter((number) => number === 2).length, 20, "no request more than it takes to judge");
  assert.equal(parts.rollout.current.number, 1);
  await parts.clock.advance(5000);
  assert.equal(parts.rollout.current.number, 1);
  assert.deepEqual(parts.closed, [2]);
});

test("Rollout judges a canary by what it did itself, not by what the cache already had", async () => {
  const parts = bench();
  await parts.rollout.propose();
  parts.answer = { cache: "hit" };
  await ask(parts, 4000);
  parts.answer = { cache: "miss" };
  parts.verdictOf = (number) => (number === 2 ? "unreachable" : "ok");
  await ask(parts, 100);
  assert.deepEqual(parts.events.at(-1), {
    kind: "rolled-back",
    generation: 2,
    requests: 20,
    errors: 20,
    reason: "20 of 20 requests failed; allowed is 10 %",
  });
});

test("Rollout counts an old copy that was served over trouble as the canary's error", async () => {
  const parts = bench();
  parts.answer = { cache: "stale", problem: new Problem("UPSTREAM_UNREACHABLE", "down") };
  await parts.rollout.propose();
  await ask(parts, 200);
  assert.equal(parts.events.at(-1)?.kind, "rolled-back");
});

test("Rollout does not blame a canary for absence or refusals", async () => {
  const parts = bench();
  parts.verdictOf = () => "absent";
  await parts.rollout.propose();
  await ask(parts, 200);
  await parts.clock.advance(1000);
  assert.equal(parts.rollout.current.number, 2);
});

test("Rollout leaves the old configuration running when load or smoke fails, and says why", async () => {
  const parts = bench();
  parts.load = () => Promise.reject(new Problem("CONFIG_INVALID", "bad", { tried: ["modgate.yaml:3:1 listen: bad"] }));
  await parts.rollout.propose();
  assert.deepEqual(parts.events.at(-1), {
    kind: "refused",
    generation: 2,
    stage: "load",
    reasons: ["modgate.yaml:3:1 listen: bad"],
  });
  parts.load = () => Promise.resolve(configWith());
  parts.smoke = () => Promise.resolve(["golang.org/x/mod@v0.17.0.info: 502"]);
  await parts.rollout.propose();
  assert.deepEqual(parts.events.at(-1), {
    kind: "refused",
    generation: 3,
    stage: "smoke",
    reasons: ["golang.org/x/mod@v0.17.0.info: 502"],
  });
  await ask(parts, 10);
  assert.deepEqual(new Set(parts.served), new Set([1]));
});

test("Rollout keeps what cannot change while running, and names it", async () => {
  const parts = bench();
  parts.load = () => Promise.resolve(configWith({ data: "/elsewhere" }));
  await parts.rollout.propose();
  assert.deepEqual(parts.events[0], { kind: "needs-restart", generation: 2, keys: ["data"] });
  assert.equal(parts.rollout.canary?.config.data, "/d");
});

test("Rollout replaces a canary by a newer one", async () => {
  const parts = bench();
  await parts.rollout.propose();
  await parts.rollout.propose();
  assert.equal(parts.rollout.canary?.number, 3);
  assert.deepEqual(parts.closed, [2]);
  await parts.clock.advance(1000);
  assert.equal(parts.rollout.current.number, 3);
});

test("Rollout closes the old configuration only when its last request is over", async () => {
  const parts = bench();
  const slow = Promise.withResolvers<Partial<Exchange>>();
  parts.answer = slow.promise;
  const asked = ask(parts, 1);
  await parts.rollout.propose();
  await parts.clock.advance(1000);
  assert.deepEqual([parts.rollout.current.number, parts.closed], [2, []]);
  slow.resolve({});
  await asked;
  await parts.clock.advance(0);
  assert.deepEqual(parts.closed, [1]);
});

test("Rollout.close ends a smoke test under way without a word, and gives up what every lane still asks for", async () => {
  const parts = bench();
  await parts.rollout.propose();
  const asked = Promise.withResolvers<void>();
  parts.smoke = (signal) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve(["cut off"]));
      asked.resolve();
    });
  const attempt = parts.rollout.propose();
  await asked.promise;
  const events = parts.events.length;
  await parts.rollout.close();
  await attempt;
  assert.deepEqual(
    [parts.abandoned.sort(), parts.closed.sort()],
    [
      [1, 2],
      [1, 2],
    ],
  );
  assert.equal(parts.events.length, events, "neither refused nor a canary");
});

test("Splitter spreads exactly its share", () => {
  for (const share of [0, 0.05, 0.1, 0.3, 0.5, 1]) {
    const splitter = new Splitter(share);
    const taken = Array.from({ length: 1000 }, () => splitter.next()).filter(Boolean).length;
    assert.equal(taken, Math.round(share * 1000), `share ${share}`);
  }
});
