import { matchPath } from "../gomod/glob.ts";
import type { Random } from "../kernel/random.ts";
import type { FaultKind, FaultPlan } from "./fault.ts";

/** Faults of a connection as a whole: they are no matter of single requests. */
const ofConnection: ReadonlySet<FaultKind["kind"]> = new Set(["tls-expired", "tls-wrong-name", "dns"]);

/** The faults that this request gets; none where it is not hit. Random numbers are drawn only where the rate needs them. */
export function faultsOf(plan: FaultPlan, path: string, random: Random): readonly FaultKind[] {
  if (plan.path !== null && !fits(plan.path, path)) return [];
  if (plan.rate < 1 && random() >= plan.rate) return [];
  return plan.faults.filter(({ kind }) => !ofConnection.has(kind));
}

/** The fault that every connection to the proxy has; null where there is none. */
export function connectionFaultOf({ faults }: FaultPlan): "tls-expired" | "tls-wrong-name" | "dns" | null {
  for (const { kind } of faults) if (kind === "tls-expired" || kind === "tls-wrong-name" || kind === "dns") return kind;
  return null;
}

/** A glob with a slash at its start is over the whole path; any other is over its end, such as `*.zip`. */
function fits(glob: string, path: string): boolean {
  if (glob.startsWith("/")) return matchPath(glob, path) === true;
  const count = glob.split("/").length;
  return matchPath(glob, path.split("/").slice(-count).join("/")) === true;
}
