import { askGo, type GoAnswers } from "./ask-go.ts";
import { commandToUnset, type Diagnosis, originText, shortPath, shownValue, variableOf } from "./diagnosis.ts";
import { type DoctorFinding, doctorFinding } from "./doctor-finding.ts";
import { findGoTraps } from "./find-go-traps.ts";
import { findPatternTraps } from "./find-pattern-traps.ts";
import { findProxyTraps } from "./find-proxy-traps.ts";
import { findMiswritten, findShadowed } from "./find-shadowed.ts";
import { findValueTraps } from "./find-value-traps.ts";
import { parseGoflags } from "./goflags.ts";
import { goVariables } from "./go-variables.ts";
import { readNetrc } from "./netrc.ts";
import { readGoSources } from "./read-go-sources.ts";
import { readStartupFiles } from "./read-startup-files.ts";
import { type PlacedValue, resolveVariables } from "./resolve-variables.ts";
import { shellExports } from "./shell-exports.ts";
import { readSystemRoots, type SystemRoots } from "./system-roots.ts";
import type { GoCommand } from "../upstream/run-go.ts";

/** A value as it is shown: without secrets, with its place in words. */
export interface ShownValue {
  readonly value: string;
  readonly from: string;
}

/** A variable, or a flag of GOFLAGS that decides what is downloaded. */
export interface ShownVariable extends ShownValue {
  readonly name: string;
  readonly shadowed: readonly ShownValue[];
}

/** What an examination of the settings gives. */
export interface ExaminedEnvironment {
  readonly variables: readonly ShownVariable[];
  readonly findings: readonly DoctorFinding[];
  readonly answers: GoAnswers;
  readonly diagnosis: Diagnosis;
  readonly roots: SystemRoots;
}

/** The machine that is examined. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** The folder of the system's start-up files; /etc but in tests. */
  readonly etc: string;
}

/**
 * Finds the value of every variable that decides downloads, where it stands and what it shadows, and what is wrong with
 * them. Reads files and asks go; changes nothing and asks nobody over the network.
 */
export async function examineEnvironment(
  go: GoCommand,
  { platform, etc }: Machine,
  signal: AbortSignal,
): Promise<ExaminedEnvironment> {
  const { environment, cwd } = go;
  const answers = await askGo(go, signal);
  const facts = answers.facts ?? { GOROOT: "", GOOS: "", GOARCH: "" };
  const names = new Set(goVariables.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  const [sources, startup, netrc, roots] = await Promise.all([
    readGoSources(go, facts, platform),
    readStartupFiles(environment, { cwd, etc }),
    readNetrc(environment, cwd),
    readSystemRoots(environment, platform),
  ]);
  const exports = shellExports(startup, names, environment);
  const diagnosis: Diagnosis = { sources, variables: resolveVariables(sources), exports, netrc };
  return {
    variables: [...shownVariables(diagnosis), ...shownFlags(diagnosis)],
    findings: [
      ...findGoTraps(diagnosis, answers),
      ...findShadowed(diagnosis),
      ...findPatternTraps(diagnosis),
      ...findProxyTraps(diagnosis),
      ...findValueTraps(diagnosis),
      ...findMiswritten(diagnosis),
      ...findEmptyRoots(diagnosis, roots),
    ],
    answers,
    diagnosis,
    roots,
  };
}

function shownVariables(diagnosis: Diagnosis): ShownVariable[] {
  return goVariables.map(({ name }) => {
    const { value, origin, shadowed } = variableOf(diagnosis, name);
    const show = (placed: PlacedValue): ShownValue => ({
      value: shownValue(name, placed.value),
      from: originText(diagnosis, placed),
    });
    return {
      name,
      value: value === "" ? "" : shownValue(name, value),
      from: originText(diagnosis, { value, origin }),
      shadowed: shadowed.map(show),
    };
  });
}

const decidingFlags = new Set(["mod", "modfile", "modcacherw", "overlay", "insecure", "C"]);

// What stands on a command line goes before these.
function shownFlags(diagnosis: Diagnosis): ShownVariable[] {
  const goflags = variableOf(diagnosis, "GOFLAGS");
  return (parseGoflags(goflags.value) ?? [])
    .filter(({ name }) => decidingFlags.has(name))
    .map(({ name, value }) => ({
      name: `-${name}`,
      value,
      from: `GOFLAGS (${originText(diagnosis, goflags)})`,
      shadowed: [],
    }));
}

function findEmptyRoots(diagnosis: Diagnosis, { certificates, empty }: SystemRoots): DoctorFinding[] {
  return empty.map(({ variable, path }) => {
    const resolved = variableOf(diagnosis, variable);
    const trust = certificates.length === 0 ? "go trusts no certificate at all" : "its certificates are not trusted";
    return doctorFinding("MG1312", {
      place: `${variable} (${originText(diagnosis, resolved)})`,
      message: `nothing could be read from ${shortPath(diagnosis, path)}: ${trust}`,
      help: commandToUnset(diagnosis, variable, resolved),
    });
  });
}
