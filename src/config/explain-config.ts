import type { LoadedConfig } from "./load-config.ts";
import { maskValue } from "./mask.ts";

/** One effective value, and why it is that. */
export interface ExplainedSetting {
  readonly key: string;
  /** As it was written, without secrets; null where it is unset. */
  readonly value: unknown;
  /** `flag --listen`, `env MODGATE_LISTEN`, `modgate.yaml:3:1`, `go env GOPROXY` or `default`. */
  readonly origin: string;
  /** What it shadows, the strongest first, without secrets. */
  readonly shadows: readonly { readonly value: unknown; readonly origin: string }[];
}

/** Every setting in the order of the table: what `modgate config explain` prints. */
export function explainConfig({ origins }: Pick<LoadedConfig, "origins">): ExplainedSetting[] {
  return [...origins.values()].map(({ setting, winner, shadows }) => {
    const masked = (written: unknown): unknown => maskValue(written, setting.key.split("."));
    return {
      key: setting.key,
      value: masked(winner.written),
      origin: winner.origin.text,
      shadows: shadows
        .filter(({ written }) => written !== null)
        .map(({ written, origin }) => ({ value: masked(written), origin: origin.text })),
    };
  });
}
