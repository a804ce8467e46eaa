import type { Problem } from "../kernel/problem.ts";
import type { View } from "../gomod/view.ts";

/** A module as one client sees it. */
export interface HeldModule {
  readonly module: string;
  /** Its name must not leave. */
  readonly isPrivate: boolean;
  readonly view: View;
}

/** Why a version is not served now. */
export interface Held {
  readonly problem: Problem;
  /** False where what its go.mod retracts does not count, as with one that cannot be trusted. */
  readonly retracts: boolean;
  /** True where only lists and queries leave it out, while its files are served to who names it. */
  readonly isUnlisted: boolean;
  /** True where its go.mod is served all the same. */
  readonly keepsGoMod?: boolean;
}

/** Something that keeps versions from being served, such as a recall or a minimum age. */
export interface Hold {
  /** False where it surely holds no version of the module; costs no more than a look into memory. */
  concerns(module: HeldModule): boolean;
  /**
   * Those of the versions that it holds now. STORE_FAILED where it can't find out, and what asking others for it
   * rejects with.
   */
  among(module: HeldModule, versions: readonly string[], look: HoldLook): Promise<ReadonlyMap<string, Held>>;
}

/** How a hold is asked. */
export interface HoldLook {
  /** True where an upstream has said that the versions exist; false where a client has only asked for them. */
  readonly exist: boolean;
  readonly signal: AbortSignal;
}
