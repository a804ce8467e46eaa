import { parseSumdbSpec } from "../gomod/sumdb-spec.ts";
import { Problem } from "../kernel/problem.ts";
import { maskText } from "../config/mask.ts";
import { commandToSet, commandToUnset, type Diagnosis, placeOf, shownValue, variableOf } from "./diagnosis.ts";
import { type DoctorFinding, doctorFinding } from "./doctor-finding.ts";
import type { DoctorFindingCode } from "./doctor-finding-codes.ts";

/** Values that go takes, and with which it then fails, or does less than its user thinks (GO-FACTS C.1, C.4, C.5, F.2). */
export function findValueTraps(diagnosis: Diagnosis): DoctorFinding[] {
  return [
    ...findToolchain(diagnosis),
    ...findChecksumDatabase(diagnosis),
    ...findCaches(diagnosis),
    ...findAuthorization(diagnosis),
    ...findModulesOff(diagnosis),
  ];
}

function found(
  diagnosis: Diagnosis,
  code: DoctorFindingCode,
  { name, message, help }: { readonly name: string; readonly message: string; readonly help?: string },
): DoctorFinding {
  const variable = variableOf(diagnosis, name);
  const place = placeOf(diagnosis, name, variable);
  return doctorFinding(code, { place, message, help: help ?? commandToUnset(diagnosis, name, variable) });
}

// FromToolchain of cmd/go/internal/gover, and what Select of cmd/go/internal/toolchain takes besides.
const toolchain =
  /^(?:auto|path|(?:local|(?:[^\s/\\+]*-)?go1(?:\.\d+)*(?:(?:alpha|beta|rc)\d+)?(?:-[^\s/\\+]*)?)(?:\+(?:auto|path))?)$/;

function findToolchain(diagnosis: Diagnosis): DoctorFinding[] {
  const variable = variableOf(diagnosis, "GOTOOLCHAIN");
  if (variable.value === "" || toolchain.test(variable.value)) return [];
  const message = `"${variable.value}" is no toolchain: every command fails with \`invalid GOTOOLCHAIN\``;
  // `go env -u` fails as well.
  const help =
    variable.origin.kind === "environment"
      ? commandToUnset(diagnosis, "GOTOOLCHAIN", variable)
      : "go env -w GOTOOLCHAIN=local";
  return [found(diagnosis, "MG1308", { name: "GOTOOLCHAIN", message, help })];
}

function findChecksumDatabase(diagnosis: Diagnosis): DoctorFinding[] {
  const { value } = variableOf(diagnosis, "GOSUMDB");
  if (value === "") return [];
  if (value === "off") {
    const message = "the checksum database is off: what go.sum does not name is taken as it comes";
    return [found(diagnosis, "MG1330", { name: "GOSUMDB", message })];
  }
  try {
    parseSumdbSpec(value);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [found(diagnosis, "MG1309", { name: "GOSUMDB", message: maskText(error.message) })];
  }
}

function findCaches(diagnosis: Diagnosis): DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  const modCache = variableOf(diagnosis, "GOMODCACHE");
  if (modCache.value !== "" && !modCache.value.startsWith("/")) {
    const message = `"${modCache.value}" is relative: downloads fail with \`GOMODCACHE entry is relative\``;
    findings.push(found(diagnosis, "MG1310", { name: "GOMODCACHE", message }));
  }
  const build = variableOf(diagnosis, "GOCACHE");
  if (build.value === "off") {
    const message = "go has no build cache: builds fail with `build cache is required`";
    const isDefault = build.origin.kind === "default";
    findings.push(
      found(diagnosis, "MG1310", {
        name: "GOCACHE",
        message,
        ...(isDefault ? { help: "export HOME XDG_CACHE_HOME" } : {}),
      }),
    );
  }
  return findings;
}

function findAuthorization(diagnosis: Diagnosis): DoctorFinding[] {
  const variable = variableOf(diagnosis, "GOAUTH");
  const methods = variable.value.split(";").map((method) => method.trim());
  const fault = methods.includes("")
    ? "it has an empty command"
    : methods.includes("off") && methods.length > 1
      ? "off cannot be combined with others"
      : methods.some((method) => /^git(\s|$)/.test(method) && !/^git\s+\/\S*$/.test(method))
        ? "git wants one absolute folder"
        : null;
  if (fault === null) return [];
  const message = `${shownValue("GOAUTH", variable.value)}: ${fault}`;
  return [
    found(diagnosis, "MG1311", { name: "GOAUTH", message, help: commandToSet(diagnosis, variable, "GOAUTH=netrc") }),
  ];
}

function findModulesOff(diagnosis: Diagnosis): DoctorFinding[] {
  if (variableOf(diagnosis, "GO111MODULE").value !== "off") return [];
  const message = "go works in GOPATH mode: it downloads nothing and reads no go.mod";
  return [found(diagnosis, "MG1328", { name: "GO111MODULE", message })];
}
