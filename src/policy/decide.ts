import type { GoRequest } from "../gomod/request.ts";
import { indexPatterns, type PatternIndex } from "./pattern-index.ts";
import type { Rule } from "./rule.ts";

/** What the policy says of one module. */
export interface Decision {
  readonly action: "allow" | "deny";
  /** The code of the refusal; of use where action is deny. */
  readonly problemCode: "DENIED_BY_RULE" | "PRIVATE_NAME";
  /** The rule that decided; null for the default, which allows. */
  readonly rule: Rule | null;
  /** One line for people: why. */
  readonly reason: string;
  /** Names of the upstreams that may be asked, in order; null: the whole chain. Empty: nobody, the cache alone may answer. */
  readonly upstreams: readonly string[] | null;
  /** The module is private: its name stays away from public upstreams and the checksum database. */
  readonly private: boolean;
}

/** What decisions are made from. */
export interface PolicyInput {
  readonly rules: readonly Rule[];
  /** Patterns as in GOPRIVATE. */
  readonly private: readonly string[];
  /** Upstreams in the chain's order; `private`: it may serve private modules. */
  readonly upstreams: readonly { readonly name: string; readonly private: boolean }[];
  /** Names of upstreams outside the chain that rules may name and that may serve private modules. */
  readonly otherPrivateUpstreams?: readonly string[];
}

/** Rules made ready for decide(); holds a bounded memory of its decisions. */
export interface CompiledRules {
  readonly decideModule: (module: string) => Decision;
}

/** A request about one module, or about the checksum database. */
export type PolicySubject = Exclude<GoRequest, { readonly kind: "index" | "go-get" }>;

const memoryEntries = 4096;
// Longer paths are decided anew each time, so that garbage cannot fill the memory.
const longestRemembered = 256;

/**
 * Makes rules and private patterns ready: with 1,000 rules a decision costs a few microseconds, and
 * less for a module seen lately (at most 4,096 are remembered).
 */
export function compileRules(input: PolicyInput): CompiledRules {
  const ruleFor = indexPatterns(input.rules.map((rule) => rule.pattern));
  const privateFor = indexPatterns(input.private);
  const remembered = new Map<string, Decision>();
  return {
    decideModule(module) {
      const known = remembered.get(module);
      if (known !== undefined) return known;
      const decision = decideAnew(input, ruleFor, privateFor, module);
      if (module.length <= longestRemembered) {
        if (remembered.size >= memoryEntries) forgetOldest(remembered);
        remembered.set(module, decision);
      }
      return decision;
    },
  };
}

/**
 * Decides a request: the first rule whose pattern fits the module path decides, and where none fits
 * the module is allowed. A private module may go only to `direct` and upstreams marked `private`, and
 * its look-up in the checksum database is denied with PRIVATE_NAME. The same answer for the same
 * rules and module, always.
 */
export function decide(rules: CompiledRules, request: PolicySubject): Decision {
  if (request.module === null) return openToAll;
  if (request.kind !== "sumdb") return rules.decideModule(request.module);
  const decision = rules.decideModule(request.module);
  if (decision.action === "deny") return decision;
  if (!decision.private) return { ...decision, upstreams: null };
  return {
    ...decision,
    action: "deny",
    problemCode: "PRIVATE_NAME",
    reason: `${request.module} is private here, so its name does not leave for the checksum database`,
  };
}

/** The decision on what names no module. */
export const openToAll: Decision = {
  action: "allow",
  problemCode: "DENIED_BY_RULE",
  rule: null,
  reason: "the request names no module",
  upstreams: null,
  private: false,
};

function decideAnew(input: PolicyInput, ruleFor: PatternIndex, privateFor: PatternIndex, module: string): Decision {
  const rule = input.rules[ruleFor(module)] ?? null;
  const privatePattern = input.private[privateFor(module)] ?? null;
  return {
    action: rule?.action ?? "allow",
    problemCode: "DENIED_BY_RULE",
    rule,
    reason: reasonOf(module, rule, privatePattern),
    upstreams: privatePattern === null ? (rule?.upstreams ?? null) : privateUpstreams(input, rule),
    private: privatePattern !== null,
  };
}

function privateUpstreams(input: PolicyInput, rule: Rule | null): string[] {
  const inChain = input.upstreams.filter((upstream) => upstream.private).map((upstream) => upstream.name);
  if (!rule?.upstreams) return inChain;
  const eligible = new Set([...inChain, ...(input.otherPrivateUpstreams ?? [])]);
  return rule.upstreams.filter((name) => eligible.has(name));
}

function reasonOf(module: string, rule: Rule | null, privatePattern: string | null): string {
  const secret = privatePattern === null ? "" : `; private by the pattern ${privatePattern}`;
  if (rule === null) return `no rule fits ${module}, so it is allowed${secret}`;
  const why = rule.reason === null ? "" : `: ${rule.reason}`;
  const verb = rule.action === "deny" ? "denies" : "allows";
  return `the rule ${rule.pattern} (${rule.source}) ${verb} ${module}${why}${secret}`;
}

function forgetOldest(remembered: Map<string, Decision>): void {
  const oldest = remembered.keys().next();
  if (!oldest.done) remembered.delete(oldest.value);
}
