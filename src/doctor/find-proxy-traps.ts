import { maskBrokenUrls } from "../config/mask.ts";
import {
  commandToSet,
  commandToUnset,
  type Diagnosis,
  placeOf,
  shortPath,
  shownValue,
  variableOf,
} from "./diagnosis.ts";
import { type DoctorFinding, doctorFinding } from "./doctor-finding.ts";
import { type GoproxyWord, goproxyWords } from "./goproxy-words.ts";
import type { NetrcMachine } from "./netrc.ts";
import type { ResolvedVariable } from "./resolve-variables.ts";

/** What is wrong with GOPROXY and with the credentials for it, as far as it can be seen without asking anybody. */
export function findProxyTraps(diagnosis: Diagnosis): DoctorFinding[] {
  const goproxy = variableOf(diagnosis, "GOPROXY");
  const words = goproxyWords(goproxy.value);
  return [
    ...findUnreadable(diagnosis, goproxy, words),
    ...findHidingDirect(diagnosis, goproxy, words),
    ...findNeverAsked(diagnosis, goproxy, words),
    ...findPlainCredentials(diagnosis, goproxy, words),
    ...findNetrcTraps(diagnosis, words),
    ...findOtherProxyVariables(diagnosis),
  ];
}

function findUnreadable(
  diagnosis: Diagnosis,
  goproxy: ResolvedVariable,
  words: readonly GoproxyWord[],
): DoctorFinding[] {
  if (goproxy.value === "") return [];
  const place = placeOf(diagnosis, "GOPROXY", goproxy);
  const help = commandToUnset(diagnosis, "GOPROXY", goproxy);
  if (words.length === 0) {
    return [
      doctorFinding("MG1302", { place, message: `${shownValue("GOPROXY", goproxy.value)} has no entries`, help }),
    ];
  }
  // go reads no further than the word that ends the list.
  return words
    .filter(({ fault, isNeverAsked }) => fault !== null && !isNeverAsked)
    .map(({ text, fault }) => {
      const lower = text.toLowerCase();
      const isCase = lower === "direct" || lower === "off";
      const message = isCase ? `"${text}" is written ${lower}, in lower case` : maskBrokenUrls(fault ?? "");
      const mended = goproxy.value.replace(text, lower);
      const isShown = isCase && shownValue("GOPROXY", mended) === mended;
      return doctorFinding("MG1302", {
        place,
        message,
        help: isShown ? commandToSet(diagnosis, goproxy, `GOPROXY=${mended}`) : help,
      });
    });
}

function findHidingDirect(
  diagnosis: Diagnosis,
  goproxy: ResolvedVariable,
  words: readonly GoproxyWord[],
): DoctorFinding[] {
  const index = words.findIndex(({ text, isNeverAsked }) => text === "direct" && !isNeverAsked);
  const before = words[index - 1];
  if (before === undefined || before.separator !== "|") return [];
  const mended = goproxy.value.replace(/\|(\s*direct\b)/, ",$1");
  const message = `what ${shownValue("GOPROXY", before.text)} answers is hidden by |direct: an outage and a refusal look like a module that is not there`;
  return [
    doctorFinding("MG1323", {
      place: placeOf(diagnosis, "GOPROXY", goproxy),
      message,
      help: commandToChange(diagnosis, goproxy, mended, "s/|direct/,direct/"),
    }),
  ];
}

function findNeverAsked(
  diagnosis: Diagnosis,
  goproxy: ResolvedVariable,
  words: readonly GoproxyWord[],
): DoctorFinding[] {
  const unasked = words.filter(({ isNeverAsked }) => isNeverAsked);
  const end = words.findLast(({ isNeverAsked }) => !isNeverAsked);
  if (unasked.length === 0 || end === undefined) return [];
  const named = unasked.map(({ text }) => shownValue("GOPROXY", text)).join(", ");
  const kept = words.filter(({ isNeverAsked }) => !isNeverAsked);
  const mended = kept.map(({ text, separator }, index) => text + (index < kept.length - 1 ? separator : "")).join("");
  const message = `${named} ${unasked.length > 1 ? "stand" : "stands"} after ${end.text} and ${unasked.length > 1 ? "are" : "is"} never asked`;
  return [
    doctorFinding("MG1324", {
      place: placeOf(diagnosis, "GOPROXY", goproxy),
      message,
      help: commandToChange(diagnosis, goproxy, mended, `s/\\(${end.text}\\).*/\\1/`),
    }),
  ];
}

function findPlainCredentials(
  diagnosis: Diagnosis,
  goproxy: ResolvedVariable,
  words: readonly GoproxyWord[],
): DoctorFinding[] {
  return words
    .filter(({ url, isNeverAsked }) => !isNeverAsked && /^http:\/\/[^/?#]*@/i.test(url ?? ""))
    .map(({ text }) =>
      doctorFinding("MG1306", {
        place: placeOf(diagnosis, "GOPROXY", goproxy),
        message: `${maskBrokenUrls(text)} has credentials and is plain http: go stops with \`refusing to pass credentials to insecure URL\``,
        help: commandToChange(diagnosis, goproxy, null, "s|http://\\([^/,]*@\\)|https://\\1|"),
      }),
    );
}

// Sets GOPROXY anew; where its secrets would show, the shell makes the new value from the one that is set.
function commandToChange(diagnosis: Diagnosis, goproxy: ResolvedVariable, mended: string | null, sed: string): string {
  if (mended !== null && shownValue("GOPROXY", mended) === mended) {
    return commandToSet(diagnosis, goproxy, `GOPROXY=${mended}`);
  }
  const made = `GOPROXY="$(go env GOPROXY | sed '${sed}')"`;
  return goproxy.origin.kind === "environment" ? `export ${made}` : `go env -w ${made}`;
}

function findNetrcTraps(diagnosis: Diagnosis, words: readonly GoproxyWord[]): DoctorFinding[] {
  const { netrc } = diagnosis;
  if (netrc === null) return [];
  const path = shortPath(diagnosis, netrc.path);
  const asked = words.filter(({ host, isNeverAsked }) => host !== "" && !isNeverAsked);
  const hasMethod = variableOf(diagnosis, "GOAUTH")
    .value.split(";")
    .some((method) => method.trim() === "netrc");
  return asked.flatMap(({ url, host }) => {
    // The user and password of the URL go before those of the netrc.
    if (/^[a-z]+:\/\/[^/?#]*@/i.test(url ?? "")) return [];
    const exact = netrc.machines.find(({ machine }) => machine === host);
    const bare = host.replace(/:\d+$/, "");
    const near = netrc.machines.find(({ machine }) => machine.replace(/:\d+$/, "") === bare);
    const at = (one: NetrcMachine): string => `netrc (${path}:${one.line})`;
    if (exact !== undefined && !/^https:/i.test(url ?? "")) {
      const message = `the credentials for ${host} are never sent, since GOPROXY has it as plain http`;
      return [
        doctorFinding("MG1331", {
          place: at(exact),
          message,
          help: commandToChange(diagnosis, variableOf(diagnosis, "GOPROXY"), null, `s|http://${host}|https://${host}|`),
        }),
      ];
    }
    if (exact !== undefined && !hasMethod) {
      const message = `the credentials for ${host} are never sent, since GOAUTH has no netrc`;
      return [
        doctorFinding("MG1331", {
          place: at(exact),
          message,
          help: commandToSet(diagnosis, variableOf(diagnosis, "GOAUTH"), "GOAUTH=netrc"),
        }),
      ];
    }
    if (exact === undefined && near !== undefined && /^https:/i.test(url ?? "") && hasMethod) {
      const message = `"machine ${near.machine}" is not "machine ${host}", which is how GOPROXY writes it: go sends ${host} no credentials`;
      const help = `sed -i.bak '${near.line}s/machine  *${near.machine}/machine ${host}/' ${path}`;
      return [doctorFinding("MG1307", { place: at(near), message, help })];
    }
    if (exact === undefined && near === undefined && netrc.defaultLine !== null && /^https:/i.test(url ?? "")) {
      const message = `the default entry is not for go: ${host} is sent no credentials`;
      const help = `sed -i.bak '${netrc.defaultLine}s/default/machine ${host}/' ${path}`;
      return [doctorFinding("MG1331", { place: `netrc (${path}:${netrc.defaultLine})`, message, help })];
    }
    return [];
  });
}

function findOtherProxyVariables(diagnosis: Diagnosis): DoctorFinding[] {
  const { environment } = diagnosis.sources;
  const [http, https] = [variableOf(diagnosis, "HTTP_PROXY"), variableOf(diagnosis, "HTTPS_PROXY")];
  const all = ["ALL_PROXY", "all_proxy"].find((name) => (environment[name] ?? "") !== "");
  const findings: DoctorFinding[] = [];
  if (all !== undefined && http.value === "" && https.value === "") {
    const message = `go goes past ${shownValue("HTTP_PROXY", environment[all] ?? "")}, since it does not know ${all}`;
    findings.push(
      doctorFinding("MG1333", {
        place: `${all} (environment)`,
        message,
        help: `export HTTPS_PROXY="$${all}" HTTP_PROXY="$${all}"`,
      }),
    );
  }
  if ((environment["REQUEST_METHOD"] ?? "") !== "" && http.value !== "") {
    const message = "go takes itself for a CGI program and refuses HTTP_PROXY for http URLs";
    findings.push(
      doctorFinding("MG1333", { place: "REQUEST_METHOD (environment)", message, help: "unset REQUEST_METHOD" }),
    );
  }
  return findings;
}
