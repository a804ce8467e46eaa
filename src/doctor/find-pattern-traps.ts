import { firstMatch, matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import { covers } from "../policy/covers.ts";
import { patternTrap } from "../policy/pattern-trap.ts";
import { commandToSet, commandToUnset, type Diagnosis, placeOf, variableOf } from "./diagnosis.ts";
import { type DoctorFinding, doctorFinding } from "./doctor-finding.ts";
import { goproxyWords } from "./goproxy-words.ts";
import type { ResolvedVariable } from "./resolve-variables.ts";

/** Patterns that fit nothing, and patterns that do not do what people set them for (GO-FACTS C.3). */
export function findPatternTraps(diagnosis: Diagnosis): DoctorFinding[] {
  return [
    ...["GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE"].flatMap((name) => findFutile(diagnosis, name)),
    ...findLeak(diagnosis),
    ...findOffThatGoesDirect(diagnosis),
    ...findHiddenToolchains(diagnosis),
    ...findInsecureProxy(diagnosis),
  ];
}

/** The patterns of a value, as go parts them: blanks stay, empty ones fit nothing. */
export function patternsOf({ value }: Pick<ResolvedVariable, "value">): string[] {
  return value.split(",").filter((pattern) => pattern !== "");
}

function findFutile(diagnosis: Diagnosis, name: string): DoctorFinding[] {
  const variable = variableOf(diagnosis, name);
  // Said once, at the variable that the others take theirs from.
  if (variable.origin.kind === "default") return [];
  const traps = patternsOf(variable).flatMap((pattern) => {
    const trap = patternTrap(pattern);
    return trap === null ? [] : [`"${pattern}" ${trap.why}; ${trap.want}`];
  });
  if (traps.length === 0) return [];
  const mended = mendedPatterns(variable.value);
  const help =
    mended === null
      ? commandToUnset(diagnosis, name, variable)
      : commandToSet(diagnosis, variable, `${name}=${mended}`);
  const message = `${traps.join(", and ")}: ${traps.length > 1 ? "they fit" : "it fits"} no module`;
  return [doctorFinding("MG1304", { place: placeOf(diagnosis, name, variable), message, help })];
}

// The patterns as they were meant; null where that cannot be told.
function mendedPatterns(value: string): string | null {
  const words = value.split(/[,;|\s]+/).filter((word) => word !== "");
  const mended = words.map((word) => {
    const bare = word
      .replace(/^["']|["']$/g, "")
      .replace(/^[a-z]+:\/\//i, "")
      .replace(/\/?\.\.\.$/, "")
      .replace(/\/$/, "");
    const slash = bare.indexOf("/");
    return slash < 0 ? bare.toLowerCase() : bare.slice(0, slash).toLowerCase() + bare.slice(slash);
  });
  const isSound = mended.length > 0 && mended.every((pattern) => pattern !== "" && patternTrap(pattern) === null);
  return isSound ? mended.join(",") : null;
}

function findLeak(diagnosis: Diagnosis): DoctorFinding[] {
  const named = (name: string): ResolvedVariable => variableOf(diagnosis, name);
  const [gonoproxy, gonosumdb, goprivate] = [named("GONOPROXY"), named("GONOSUMDB"), named("GOPRIVATE")];
  if (named("GOSUMDB").value === "off") return [];
  // A lone * asks everything of its origin, to be verified as ever: nobody means private modules by it.
  const isMeant = (pattern: string): boolean => pattern !== "none" && pattern !== "*" && patternTrap(pattern) === null;
  const kept = patternsOf(gonosumdb);
  const leaking = [...new Set([...patternsOf(gonoproxy), ...patternsOf(goprivate)])].filter(
    (pattern) => isMeant(pattern) && !kept.some((other) => covers(other, pattern)),
  );
  if (leaking.length === 0) return [];
  const list = leaking.join(",");
  const message = `the names of ${list} go to the checksum database, which GONOSUMDB does not keep them from`;
  if (gonosumdb.origin.kind !== "default") {
    const all = [...kept.filter((pattern) => pattern !== "none"), ...leaking].join(",");
    const help = commandToSet(diagnosis, gonosumdb, `GONOSUMDB=${all}`);
    return [doctorFinding("MG1305", { place: placeOf(diagnosis, "GONOSUMDB", gonosumdb), message, help })];
  }
  const all = [...new Set([...patternsOf(goprivate), ...leaking])].join(",");
  const help = commandToSet(diagnosis, gonoproxy, `GOPRIVATE=${all}`);
  return [doctorFinding("MG1305", { place: placeOf(diagnosis, "GONOPROXY", gonoproxy), message, help })];
}

function findOffThatGoesDirect(diagnosis: Diagnosis): DoctorFinding[] {
  const goproxy = variableOf(diagnosis, "GOPROXY");
  const gonoproxy = variableOf(diagnosis, "GONOPROXY");
  const [first] = goproxyWords(goproxy.value);
  const patterns = patternsOf(gonoproxy).filter((pattern) => pattern !== "none" && patternTrap(pattern) === null);
  if (first?.text !== "off" || patterns.length === 0) return [];
  const message = `GOPROXY=off, and yet ${patterns.join(", ")} ${patterns.length > 1 ? "are" : "is"} fetched direct, as ${placeOf(diagnosis, "GONOPROXY", gonoproxy)} says`;
  const help = commandToSet(diagnosis, gonoproxy.origin.kind === "default" ? goproxy : gonoproxy, "GONOPROXY=none");
  return [doctorFinding("MG1322", { place: placeOf(diagnosis, "GOPROXY", goproxy), message, help })];
}

function findHiddenToolchains(diagnosis: Diagnosis): DoctorFinding[] {
  const gonoproxy = variableOf(diagnosis, "GONOPROXY");
  if (!matchPrefixPatterns(patternsOf(gonoproxy), "golang.org/toolchain")) return [];
  if (variableOf(diagnosis, "GOTOOLCHAIN").value === "local") return [];
  const pattern = firstMatch(patternsOf(gonoproxy), "golang.org/toolchain") ?? "";
  const message = `"${pattern}" covers golang.org/toolchain, so toolchains cannot be downloaded`;
  const narrower = patternsOf(gonoproxy).filter((one) => one !== pattern);
  const owner = gonoproxy.origin.kind === "default" ? variableOf(diagnosis, "GOPRIVATE") : gonoproxy;
  const help =
    narrower.length === 0
      ? commandToUnset(diagnosis, owner.name, owner)
      : commandToSet(diagnosis, owner, `${owner.name}=${narrower.join(",")}`);
  return [doctorFinding("MG1329", { place: placeOf(diagnosis, owner.name, owner), message, help })];
}

function findInsecureProxy(diagnosis: Diagnosis): DoctorFinding[] {
  const variable = variableOf(diagnosis, "GOINSECURE");
  const hosts = goproxyWords(variableOf(diagnosis, "GOPROXY").value).map(({ host }) => host.replace(/:\d+$/, ""));
  const host = hosts.find((one) => one !== "" && matchPrefixPatterns(patternsOf(variable), one));
  if (host === undefined) return [];
  const message = `it covers ${host}, which is a proxy of GOPROXY: that has no effect on the proxy`;
  const help = commandToUnset(diagnosis, "GOINSECURE", variable);
  return [doctorFinding("MG1332", { place: placeOf(diagnosis, "GOINSECURE", variable), message, help })];
}
