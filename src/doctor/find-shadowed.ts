import {
  commandToSet,
  commandToUnset,
  type Diagnosis,
  exportFor,
  originText,
  placeOf,
  shortPath,
  shownValue,
  variableOf,
} from "./diagnosis.ts";
import { type DoctorFinding, doctorFinding } from "./doctor-finding.ts";
import { goVariables } from "./go-variables.ts";
import type { ResolvedVariable } from "./resolve-variables.ts";

/** Values that are set and not the ones that hold: shadowed by the environment, masked by an empty line, unread. */
export function findShadowed(diagnosis: Diagnosis): DoctorFinding[] {
  const settable = goVariables.filter(({ scope }) => scope === "go").map(({ name }) => variableOf(diagnosis, name));
  return [
    ...settable.flatMap((variable) => findMasked(diagnosis, variable)),
    ...settable.flatMap((variable) => findExported(diagnosis, variable)),
    ...findUnreadFile(diagnosis),
  ];
}

// The trap of `go env -w` in a shell that exports the variable.
function findExported(diagnosis: Diagnosis, variable: ResolvedVariable): DoctorFinding[] {
  const { name, value, origin, shadowed } = variable;
  const written = shadowed.find((one) => one.origin.kind === "user file");
  if (origin.kind !== "environment" || written === undefined || written.value === value) return [];
  const line = exportFor(diagnosis, variable);
  const where =
    line === null || line.value !== value
      ? "is set in the environment, by no start-up file that was looked at"
      : `is exported by ${shortPath(diagnosis, line.path)}:${line.line}`;
  const message =
    `${shownValue(name, written.value)} was set with go env -w (${originText(diagnosis, written)}), but ${name} ${where}: ` +
    `${shownValue(name, value)} is what holds`;
  const help = commandToUnset(diagnosis, name, variable);
  return [doctorFinding("MG1320", { place: placeOf(diagnosis, name, variable), message, help })];
}

function findMasked(diagnosis: Diagnosis, variable: ResolvedVariable): DoctorFinding[] {
  const { name, value, shadowed } = variable;
  if (value !== "" || !["GOPROXY", "GOSUMDB", "GOTOOLCHAIN"].includes(name)) return [];
  const [empty, ...rest] = shadowed;
  const consequence = consequences[name] ?? "";
  if (empty === undefined) {
    // No go.env, or one without the line: then go has nothing either.
    if (name === "GOTOOLCHAIN") return [];
    const message = `${name} is set nowhere, not even in $GOROOT/go.env: ${consequence}`;
    const help = name === "GOSUMDB" ? "go env -w GOSUMDB=sum.golang.org" : "go env -w GOPROXY=https://PROXY,direct";
    return [doctorFinding("MG1303", { place: name, message, help })];
  }
  const masked = rest.find((one) => one.value !== "");
  const hidden = masked === undefined ? "" : ` hides ${shownValue(name, masked.value)}, and`;
  const message = `the empty line${hidden} leaves ${name} without a value: ${consequence}`;
  const help = empty.origin.kind === "user file" ? `go env -u ${name}` : `go env -w ${name}=VALUE`;
  return [doctorFinding("MG1303", { place: placeOf(diagnosis, name, empty), message, help })];
}

const consequences: Readonly<Record<string, string>> = {
  GOPROXY: "every download fails with `GOPROXY list is not the empty string, but contains no entries`",
  GOSUMDB: "every download fails with `missing GOSUMDB`",
  GOTOOLCHAIN: "go never changes to the toolchain that a go.mod asks for",
};

function findUnreadFile(diagnosis: Diagnosis): DoctorFinding[] {
  const { sources } = diagnosis;
  const { unreadFile } = sources;
  if (sources.environment["GOENV"] !== "off" || unreadFile === null || unreadFile.lines.length === 0) return [];
  const names = [...new Set(unreadFile.lines.map(({ name }) => name))].join(", ");
  const path = shortPath(diagnosis, unreadFile.path);
  const message = `go reads nothing of ${path} (${names}), and go env -w goes on writing to it`;
  const variable = variableOf(diagnosis, "GOENV");
  const help = commandToUnset(diagnosis, "GOENV", { value: "off", origin: variable.origin });
  return [
    doctorFinding("MG1321", {
      place: `GOENV (${originText(diagnosis, { ...variable, value: "off" })})`,
      message,
      help,
    }),
  ];
}

/** Lines of the file of `go env -w` that do not say what their writer meant, and names that go does not know. */
export function findMiswritten(diagnosis: Diagnosis): DoctorFinding[] {
  return [...findOddLines(diagnosis), ...findIdleLines(diagnosis), ...findUnknownNames(diagnosis)];
}

function findOddLines(diagnosis: Diagnosis): DoctorFinding[] {
  const { userFile } = diagnosis.sources;
  if (userFile === null) return [];
  const known = new Set(goVariables.map(({ name }) => name));
  const path = shortPath(diagnosis, userFile.path);
  const skipped = userFile.skipped.flatMap(({ text, line }) => {
    const [, name = "", value = ""] =
      /^(?:export\s+)?([A-Za-z0-9_]+)\s*=\s*(.*)$/.exec(text.replace(/^\uFEFF/, "")) ?? [];
    if (!known.has(name.toUpperCase())) return [];
    return [oddLine(diagnosis, { name: name.toUpperCase(), value, path, line }, "go passes the line over")];
  });
  const odd = userFile.lines.flatMap(({ name, value, line }) => {
    const bare = name.trim();
    if (!known.has(bare)) return [];
    if (bare !== name) {
      return [
        oddLine(diagnosis, { name: bare, value, path, line }, `go takes it for a variable of the name "${name}"`),
      ];
    }
    const oddity = oddityOf(value);
    return oddity === null ? [] : [oddLine(diagnosis, { name, value, path, line }, `${oddity} part of the value`)];
  });
  return [...skipped, ...odd];
}

function oddLine(
  diagnosis: Diagnosis,
  at: { readonly name: string; readonly value: string; readonly path: string; readonly line: number },
  what: string,
): DoctorFinding {
  const { name, path, line } = at;
  const meant = at.value
    .replace(/\s#.*$/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");
  const isShown = shownValue(name, meant) === meant && !/\$|~/.test(meant);
  const help = isShown
    ? commandToSet(diagnosis, { origin: { kind: "user file", text: path, line } }, `${name}=${meant}`)
    : `\${EDITOR:-vi} +${line} ${path}`;
  return doctorFinding("MG1325", { place: `${name} (${path}:${line})`, message: what, help });
}

function oddityOf(value: string): string | null {
  if (value.endsWith("\r")) return "the carriage return of a Windows line end is";
  if (/^(["']).*\1$/.test(value)) return "the quotes are";
  if (value !== "" && value.trim() !== value) return "the blanks around it are";
  if (/\s#/.test(value)) return "the comment behind it is";
  return null;
}

function findIdleLines(diagnosis: Diagnosis): DoctorFinding[] {
  return [...diagnosis.variables.values()].flatMap(({ name, idle }) =>
    idle.map((one) => {
      const isShown = shownValue(name, one.value) === one.value;
      const message = `${shownValue(name, one.value)} is without effect here`;
      const help = isShown ? `export ${name}=${one.value}` : `export ${name}="$(go env ${name})"`;
      return doctorFinding("MG1326", { place: placeOf(diagnosis, name, one), message, help });
    }),
  );
}

// Names that people know from elsewhere, and what they want of them.
const unknownNames: ReadonlyMap<string, string> = new Map([
  ["GONOSUMCHECK", "GONOSUMDB"],
  ["GOSDKCACHE", "GOMODCACHE"],
  ["GO_PROXY", "GOPROXY"],
  ["GO_PRIVATE", "GOPRIVATE"],
  ["GO_SUMDB", "GOSUMDB"],
  ["GO_TOOLCHAIN", "GOTOOLCHAIN"],
]);

function findUnknownNames(diagnosis: Diagnosis): DoctorFinding[] {
  const { environment, userFile } = diagnosis.sources;
  const inFile = (userFile?.lines ?? []).map(({ name, line }) => ({ name, line, value: "" }));
  const inEnvironment = Object.entries(environment).map(([name, value]) => ({ name, value, line: null }));
  return [...inEnvironment, ...inFile].flatMap(({ name, value, line }) => {
    const meant = unknownNames.get(name);
    if (meant === undefined) return [];
    const kind = line === null ? ("environment" as const) : ("user file" as const);
    const placed = { value, origin: { kind, text: line === null ? name : (userFile?.path ?? ""), line } };
    const message = `${name} is without effect; ${meant} is what go reads`;
    const help = commandToUnset(diagnosis, name, placed);
    return [doctorFinding("MG1327", { place: placeOf(diagnosis, name, placed), message, help })];
  });
}
