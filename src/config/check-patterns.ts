import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import { covers } from "../policy/covers.ts";
import { patternTrap } from "../policy/pattern-trap.ts";
import type { Draft } from "./draft.ts";
import { pathText } from "./fault.ts";
import { type Finding, finding } from "./finding.ts";
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";
import { upstreamNamed } from "./upstream-named.ts";

/** Finds patterns that cannot mean what they should, and rules that never decide (GO-FACTS C.3). */
export function checkPatterns(draft: Draft): Finding[] {
  return [...checkRules(draft), ...checkPrivate(draft), ...checkOtherPatterns(draft)];
}

function checkRules({ config, values, upstreams }: Draft): Finding[] {
  const findings: Finding[] = [];
  for (const [index, rule] of config.rules.entries()) {
    const at = (...rest: (string | number)[]) => ({
      place: values.placeOf(settings.rules, [index, ...rest]),
      path: pathText(["rules", index, ...rest]),
    });
    const trap = patternTrap(rule.pattern);
    if (trap !== null) {
      const code = trap.kind === "request" ? "MG1101" : "MG1102";
      const message = `${JSON.stringify(rule.pattern)} ${trap.why}; ${trap.want}`;
      findings.push(finding(code, { ...at("pattern"), message, example: trap.example }));
      continue;
    }
    const earlier = config.rules.slice(0, index).find((other) => covers(other.pattern, rule.pattern));
    if (earlier !== undefined) {
      const message = `the rule never ${rule.action === "deny" ? "denies" : "allows"} anything: ${earlier.pattern} (${earlier.action}, ${earlier.source}) comes first and fits all that it fits`;
      findings.push(finding("MG1104", { ...at("pattern"), message }));
    }
    for (const [place, name] of (rule.upstreams ?? []).entries()) {
      if (upstreamNamed(upstreams, name) !== null) continue;
      const known = [...upstreams.chain.map(({ upstream }) => upstream.name), ...Object.keys(upstreams.others)];
      const message = `${JSON.stringify(name)} is no upstream; want one of ${known.join(", ")}`;
      findings.push(finding("MG1105", { ...at("upstreams", place), message }));
    }
  }
  const [first] = config.rules;
  if (first?.action === "deny" && first.pattern === "*") {
    const message = "the first rule denies every module";
    findings.push(finding("MG1120", { place: first.source, path: "rules[0]", message }));
  }
  return findings;
}

function checkPrivate({ config, values, read }: Draft): Finding[] {
  const findings: Finding[] = [];
  const isGo = read.resolved.get(settings.private.key)?.winner.origin.kind === "go";
  const at = (...rest: number[]) => ({
    place: values.placeOf(settings.private, rest),
    path: isGo ? "" : pathText(["private", ...rest]),
  });
  for (const [index, pattern] of config.private.entries()) {
    const trap = patternTrap(pattern);
    if (trap === null) continue;
    const message = `${JSON.stringify(pattern)} ${trap.why}, so these modules count as public; ${trap.want}`;
    findings.push(finding(isGo ? "MG1103" : "MG1102", { ...at(index), message }));
  }
  if (matchPrefixPatterns(config.private, "golang.org/toolchain")) {
    findings.push(finding("MG1117", { ...at(), message: "the patterns cover golang.org/toolchain" }));
  }
  return findings;
}

function checkOtherPatterns({ config, values }: Draft): Finding[] {
  const lists: { setting: Setting<unknown>; patterns: readonly string[]; key?: string }[] = [
    { setting: settings.confirmPatterns, patterns: config.confirm?.patterns ?? [] },
    { setting: settings.webhookPatterns, patterns: config.webhook?.patterns ?? [] },
    { setting: settings.sumdbs, patterns: config.sumdbs.map(({ pattern }) => pattern), key: "pattern" },
    { setting: settings.goGet, patterns: config.goGet.map(({ pattern }) => pattern), key: "pattern" },
  ];
  return lists.flatMap(({ setting, patterns, key }) =>
    patterns.flatMap((pattern, index) => {
      const trap = patternTrap(pattern);
      if (trap === null) return [];
      const inner = key === undefined ? [index] : [index, key];
      const message = `${JSON.stringify(pattern)} ${trap.why}; ${trap.want}`;
      return [
        finding("MG1102", { place: values.placeOf(setting, inner), path: pathText([setting.key, ...inner]), message }),
      ];
    }),
  );
}
