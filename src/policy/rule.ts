/** One line of `rules:`: the first whose pattern fits the module path decides. */
export interface Rule {
  /** As in GOPRIVATE: a glob over path prefixes, `*` for all. */
  readonly pattern: string;
  readonly action: "allow" | "deny";
  /** Shown to the developer; null where the operator wrote none. */
  readonly reason: string | null;
  /** Names of the upstreams that may serve these modules, in order; null: the whole chain. */
  readonly upstreams: readonly string[] | null;
  /** How long a version must have been known, in milliseconds; null: served at once. */
  readonly minimumAgeMs: number | null;
  /** Versions with a known vulnerability that a later one fixes are refused. */
  readonly blockVulnerable: boolean;
  /** Where it stands, `file:line`, for explanations. */
  readonly source: string;
}
