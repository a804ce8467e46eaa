import type { MetricSnapshot } from "../telemetry/metrics.ts";

/** What the processes of one gateway say to one another, through the one that started them. */
export type ProcessMessage =
  /** A process takes requests, and signals. */
  | { readonly kind: "listening" }
  /** A process was scraped and wants everybody's metrics. */
  | { readonly kind: "gather-metrics"; readonly ask: string }
  | { readonly kind: "snapshot-metrics"; readonly ask: string }
  | { readonly kind: "metrics-snapshot"; readonly ask: string; readonly snapshot: readonly MetricSnapshot[] }
  | {
      readonly kind: "gathered-metrics";
      readonly ask: string;
      readonly snapshots: readonly (readonly MetricSnapshot[])[];
    }
  /** A canary was taken back somewhere: it is taken back everywhere. */
  | { readonly kind: "rollout"; readonly generation: number; readonly reason: string };

const kinds: ReadonlySet<unknown> = new Set<ProcessMessage["kind"]>([
  "listening",
  "gather-metrics",
  "snapshot-metrics",
  "metrics-snapshot",
  "gathered-metrics",
  "rollout",
]);

/** True for messages of this protocol; the channel carries the cluster module's own as well. */
export function isProcessMessage(message: unknown): message is ProcessMessage {
  return typeof message === "object" && message !== null && "kind" in message && kinds.has(message.kind);
}
