import type { Config } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { CompiledRules } from "../policy/decide.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { Hold } from "../ports/hold.ts";
import type { Store } from "../ports/store.ts";
import type { Trust } from "../ports/trust.ts";
import { AfterView } from "./after-view.ts";
import { KnownSince } from "./known-since.ts";
import { Recalled } from "./recalled.ts";
import { type ReadVulndb, Vulnerable } from "./vulnerable.ts";
import { TooYoung } from "./too-young.ts";

interface HoldsParts {
  readonly trust: Pick<Trust, "recalls" | "sightings">;
  readonly rules: CompiledRules;
  readonly databaseOf: (module: string) => ChecksumDatabase | null;
  readonly store: Store;
  readonly clock: Clock;
  readonly readVulndb: ReadVulndb;
}

/** Everything that can hold a version back under a configuration. */
export function holdsOf(
  config: Config,
  { trust, rules, databaseOf, store, clock, readVulndb }: HoldsParts,
): readonly Hold[] {
  const isOffline = config.network === "offline";
  const known = new KnownSince({ databaseOf, sightings: trust.sightings, store, isOffline, clock });
  const fastLane = new Set(config.fastLane);
  const accepted = new Set(config.acceptedVulnerabilities);
  return [
    new Recalled(trust.recalls),
    new Vulnerable({ rules, accepted, read: readVulndb }),
    new TooYoung({ rules, fastLane, known, clock }),
    new AfterView(known),
  ];
}
