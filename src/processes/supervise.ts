import cluster, { type Worker } from "node:cluster";
import type { Clock } from "../kernel/clock.ts";
import type { MetricSnapshot } from "../telemetry/metrics.ts";
import { isProcessMessage, type ProcessMessage } from "./process-message.ts";

interface SuperviseParts {
  readonly count: number;
  readonly selfId: string;
  /** Addresses that each process opens for itself; null: the cluster module shares listeners out. */
  readonly claimed: readonly string[] | null;
  readonly clock: Clock;
  /** Aborted when the gateway is to end. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const shortLifeMs = 5000;
const mostShortLives = 3;
const metricsDeadlineMs = 2000;
const passedOn = ["SIGHUP", "SIGUSR2"] as const;

/**
 * Runs `count` whole gateways on the same listeners, starts one anew that dies, and passes signals on. The first
 * alone does background work on the data folder. Resolves with the exit code when all have ended: 0 after a
 * shutdown that was asked for, else the code of the process that could not be kept running.
 */
export function supervise(parts: SuperviseParts): Promise<number> {
  const { count, clock, signal, say } = parts;
  const startedAt = new Map<number, number>();
  const shortLives = new Map<number, number>();
  const up = new Set<number>();
  let exitCode = 0;
  let isEnding = false;

  const start = (index: number): void => {
    const worker = cluster.fork({
      MODGATE_SELF_ID: parts.selfId,
      MODGATE_PROCESS: String(index),
      ...(parts.claimed === null ? {} : { MODGATE_CLAIMED: parts.claimed.join(",") }),
    });
    startedAt.set(index, clock.monotonic());
    worker.on("message", (message: unknown) => {
      if (!isProcessMessage(message)) return;
      if (message.kind === "listening") up.add(worker.id);
      else void answer(worker, message, clock);
    });
    worker.on("exit", (code) => onExit(index, code));
  };
  const end = (): void => {
    isEnding = true;
    for (const worker of workers()) worker.process.kill("SIGTERM");
  };
  const onExit = (index: number, code: number | null): void => {
    if (isEnding) return;
    const lived = clock.monotonic() - (startedAt.get(index) ?? 0);
    const short = lived < shortLifeMs ? (shortLives.get(index) ?? 0) + 1 : 0;
    shortLives.set(index, short);
    // A usage error is the same at every start.
    if (code === 2 || short >= mostShortLives) {
      exitCode = code ?? 1;
      return end();
    }
    say(`process ${index} ended (${code ?? "killed"}); starting it anew\n`);
    start(index);
  };

  return new Promise((resolve) => {
    for (let index = 1; index <= count; index++) start(index);
    // One that is still starting reads the configuration and opens its log anyway, and would die of the signal.
    const forward = (name: NodeJS.Signals): void => {
      for (const worker of workers()) if (up.has(worker.id)) worker.process.kill(name);
    };
    for (const name of passedOn) process.on(name, forward);
    signal.addEventListener("abort", end, { once: true });
    cluster.on("exit", () => {
      if (!isEnding || workers().length > 0) return;
      for (const name of passedOn) process.off(name, forward);
      resolve(exitCode);
    });
  });
}

async function answer(asker: Worker, message: ProcessMessage, clock: Clock): Promise<void> {
  switch (message.kind) {
    case "gather-metrics": {
      const others = workers().filter((worker) => worker !== asker && worker.isConnected());
      const gathered = await Promise.all(others.map((worker) => snapshotOf(worker, message.ask, clock)));
      const snapshots = gathered.filter((snapshot) => snapshot !== null);
      if (asker.isConnected()) asker.send({ kind: "gathered-metrics", ask: message.ask, snapshots });
      return;
    }
    case "rollout":
      for (const worker of workers()) if (worker !== asker && worker.isConnected()) worker.send(message);
      return;
    case "listening":
    case "gathered-metrics":
    case "snapshot-metrics":
    case "metrics-snapshot":
      return;
  }
}

function snapshotOf(worker: Worker, ask: string, clock: Clock): Promise<readonly MetricSnapshot[] | null> {
  return new Promise((resolve) => {
    const finish = (snapshot: readonly MetricSnapshot[] | null): void => {
      cancel();
      worker.off("message", onMessage);
      worker.off("exit", onExit);
      resolve(snapshot);
    };
    const onMessage = (message: unknown): void => {
      if (isProcessMessage(message) && message.kind === "metrics-snapshot" && message.ask === ask)
        finish(message.snapshot);
    };
    const onExit = (): void => finish(null);
    const cancel = clock.after(metricsDeadlineMs, () => finish(null));
    worker.on("message", onMessage);
    worker.on("exit", onExit);
    worker.send({ kind: "snapshot-metrics", ask });
  });
}

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}
