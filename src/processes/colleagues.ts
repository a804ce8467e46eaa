import type { Clock } from "../kernel/clock.ts";
import type { MetricSnapshot } from "../telemetry/metrics.ts";
import { isProcessMessage, type ProcessMessage } from "./process-message.ts";

/** The channel of one process to the others; process has these methods where it was started by another. */
export interface Channel {
  send?: ((message: ProcessMessage) => boolean) | undefined;
  on(event: "message", listener: (message: unknown) => void): unknown;
}

const deadlineMs = 3000;

/** The other processes of this gateway, as one of them sees them. Alone it answers for itself. */
export class Colleagues {
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, (snapshots: readonly (readonly MetricSnapshot[])[]) => void>();
  #asked = 0;
  #snapshot: (() => Promise<readonly MetricSnapshot[]>) | null = null;
  #onTakenBack: ((generation: number, reason: string) => void) | null = null;

  constructor(channel: Channel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
    channel.on("message", (message) => {
      if (isProcessMessage(message)) void this.#hear(message);
    });
  }

  /** What the others are told when one of them is scraped. */
  answerWith(snapshot: () => Promise<readonly MetricSnapshot[]>): void {
    this.#snapshot = snapshot;
  }

  onTakenBack(run: (generation: number, reason: string) => void): void {
    this.#onTakenBack = run;
  }

  announceListening(): void {
    this.#channel.send?.({ kind: "listening" });
  }

  announceTakenBack(generation: number, reason: string): void {
    this.#channel.send?.({ kind: "rollout", generation, reason });
  }

  /** The metrics of all processes; of this one alone where the others do not answer in time. */
  gatherMetrics(own: readonly MetricSnapshot[]): Promise<readonly (readonly MetricSnapshot[])[]> {
    if (this.#channel.send === undefined) return Promise.resolve([own]);
    const ask = `${process.pid}-${++this.#asked}`;
    return new Promise((resolve) => {
      const finish = (others: readonly (readonly MetricSnapshot[])[]): void => {
        cancel();
        this.#waiting.delete(ask);
        resolve([own, ...others]);
      };
      const cancel = this.#clock.after(deadlineMs, () => finish([]));
      this.#waiting.set(ask, finish);
      this.#channel.send?.({ kind: "gather-metrics", ask });
    });
  }

  async #hear(message: ProcessMessage): Promise<void> {
    switch (message.kind) {
      case "gathered-metrics":
        this.#waiting.get(message.ask)?.(message.snapshots);
        return;
      case "snapshot-metrics":
        this.#channel.send?.({
          kind: "metrics-snapshot",
          ask: message.ask,
          snapshot: (await this.#snapshot?.()) ?? [],
        });
        return;
      case "rollout":
        this.#onTakenBack?.(message.generation, message.reason);
        return;
      case "listening":
      case "gather-metrics":
      case "metrics-snapshot":
        return;
    }
  }
}
