import type { GoAnswers } from "./ask-go.ts";
import { commandToUnset, type Diagnosis, placeOf, shownValue, variableOf } from "./diagnosis.ts";
import { type DoctorFinding, doctorFinding } from "./doctor-finding.ts";
import { goVariables } from "./go-variables.ts";

/** Where go refuses to work, and where it says otherwise than what it reads. */
export function findGoTraps(diagnosis: Diagnosis, answers: GoAnswers): DoctorFinding[] {
  return [
    ...findRefusal(diagnosis, answers),
    ...findDisagreement(diagnosis, answers),
    ...findNoModule(diagnosis, answers),
  ];
}

function findRefusal(diagnosis: Diagnosis, { refusal, facts }: GoAnswers): DoctorFinding[] {
  if (refusal === null) return [];
  if (facts === null) return [doctorFinding("MG1301", { place: "", message: refusal })];
  const name = goVariables.find(({ name }) => new RegExp(`\\b${name}\\b`).test(refusal))?.name;
  if (name === undefined) {
    return [doctorFinding("MG1301", { place: "", message: `go says: ${refusal}`, help: "go env -changed" })];
  }
  const variable = variableOf(diagnosis, name);
  const isSet = variable.origin.kind !== "default";
  return [
    doctorFinding("MG1301", {
      place: placeOf(diagnosis, name, variable),
      message: `go says: ${refusal}`,
      help: isSet ? commandToUnset(diagnosis, name, variable) : "go env -changed",
    }),
  ];
}

function findDisagreement(diagnosis: Diagnosis, { env }: GoAnswers): DoctorFinding[] {
  if (env === null) return [];
  const compared = goVariables.filter(({ name, scope }) => scope === "go" && name !== "GOTOOLCHAIN");
  return compared.flatMap(({ name }) => {
    const variable = variableOf(diagnosis, name);
    const said = env[name] ?? "";
    if (said === variable.value) return [];
    const message = `go env says ${shownValue(name, said)}, and its environment and files say ${shownValue(name, variable.value)}`;
    return [doctorFinding("MG1334", { place: placeOf(diagnosis, name, variable), message })];
  });
}

function findNoModule(diagnosis: Diagnosis, { env }: GoAnswers): DoctorFinding[] {
  const variable = variableOf(diagnosis, "GO111MODULE");
  if (variable.value !== "auto" || env === null || env["GOMOD"] !== "") return [];
  const message = "with auto, and no go.mod here or above, go works in GOPATH mode: it downloads nothing";
  return [
    doctorFinding("MG1328", {
      place: placeOf(diagnosis, "GO111MODULE", variable),
      message,
      help: commandToUnset(diagnosis, "GO111MODULE", variable),
    }),
  ];
}
