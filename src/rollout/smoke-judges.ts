import { Problem } from "../kernel/problem.ts";
import { parseInfo } from "../gomod/info.ts";
import { looksLikeModFile, parseModuleLine } from "../gomod/mod-file.ts";
import { isPseudoVersion } from "../gomod/version.ts";
import { looksLikeVersionList, parseVersionList } from "../gomod/version-list.ts";
import { checkZip } from "../gomod/zip-directory.ts";

/** What a proxy answered. */
export interface SmokeAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** A module version whose files are asked for. */
export interface SmokeModule {
  readonly module: string;
  readonly version: string;
}

/** `info` is worth knowing and breaks no build. */
export interface Judgement {
  readonly outcome: "ok" | "info" | "failed";
  readonly detail: string;
}

/** Whether it is alive; a proxy of another make has no /healthz, which is no failure. */
export function judgeHealth(answer: SmokeAnswer): Judgement {
  if (answer.status === 200) return ok("alive");
  return answer.status < 500 ? info("no /healthz here: a proxy of another make") : failed(statusOf(answer));
}

/** An `.info` that `go` would take for this version. */
export function judgeInfo(answer: SmokeAnswer, { version }: SmokeModule): Judgement {
  return judgeFound(answer, () => {
    const { time } = parseInfo(answer.bytes, version);
    return ok(time ?? "without a time");
  });
}

/** A `.mod` that declares a module. */
export function judgeMod(answer: SmokeAnswer, { module }: SmokeModule): Judgement {
  return judgeFound(answer, () => {
    if (!looksLikeModFile(answer.bytes)) return failed(`no go.mod: ${startOf(answer)}`);
    const declared = parseModuleLine(textOf(answer)) ?? "";
    return declared === module ? ok(`module ${declared}`) : info(`declares module ${declared}`);
  });
}

/** A whole `.zip` that `go` would unpack. */
export async function judgeZip(answer: SmokeAnswer, { module, version }: SmokeModule): Promise<Judgement> {
  if (answer.status !== 200) return failed(statusOf(answer));
  const { bytes } = answer;
  const source = {
    size: bytes.length,
    read: (position: number, length: number) => Promise.resolve(bytes.subarray(position, position + length)),
  };
  try {
    const { files } = await checkZip(source, module, version);
    return ok(counted(files, "file"));
  } catch (error) {
    return failed(Problem.from(error).message);
  }
}

/** A list of versions that names this one. */
export function judgeList(answer: SmokeAnswer, { version }: SmokeModule): Judgement {
  return judgeFound(answer, () => {
    if (!looksLikeVersionList(answer.bytes)) return failed(`no list of versions: ${startOf(answer)}`);
    const versions = parseVersionList(textOf(answer));
    const isListed = versions.includes(version) || isPseudoVersion(version);
    if (versions.length === 0 || !isListed)
      return info(`${counted(versions.length, "version")}, ${version} not among them`);
    return ok(counted(versions.length, "version"));
  });
}

/** An `@latest`, which a proxy need not offer: `go` asks it only where the list is empty. */
export function judgeLatest(answer: SmokeAnswer): Judgement {
  if (isAbsent(answer)) return info("not offered; go reads the list instead");
  return judgeFound(answer, () => ok(parseInfo(answer.bytes, null).version));
}

/** Whether it carries the checksum database; where it does not, `go` asks the database itself. */
export function judgeSupported(answer: SmokeAnswer): Judgement {
  if (answer.status === 200) return ok("carried");
  return isAbsent(answer) ? info("not carried; go asks the database itself") : failed(statusOf(answer));
}

/**
 * A record of the checksum database with its signed tree head; the shape alone, no signature is checked.
 * https://go.dev/design/25530-sumdb#checksum-database
 */
export function judgeLookup(answer: SmokeAnswer, { module, version }: SmokeModule): Judgement {
  if (isAbsent(answer) || answer.status === 403) return info(`not in the database: ${statusOf(answer)}`);
  return judgeFound(answer, () => {
    const [record = "", tree = "", signatures = ""] = textOf(answer).split("\n\n");
    const [id = "", ...lines] = record.split("\n");
    const want = new Set([`${module} ${version} h1:`, `${module} ${version}/go.mod h1:`]);
    const has = lines.filter((line) => [...want].some((start) => line.startsWith(start))).length;
    const isWhole =
      /^\d+$/.test(id) &&
      has === want.size &&
      /^go\.sum database tree\n\d+\n[A-Za-z0-9+/]{43}=/.test(tree) &&
      /^— \S+ [A-Za-z0-9+/=]+\n/.test(signatures);
    return isWhole ? ok(`record ${id}, signed`) : failed(`no signed record of ${module}: ${startOf(answer)}`);
  });
}

/**
 * A module that does not exist. `go get` of a package asks for every longer prefix of its path, and anything but 404
 * or 410 for one that is no module breaks it (GO-FACTS B.1).
 */
export function judgeAbsent(answer: SmokeAnswer): Judgement {
  if (isAbsent(answer)) return ok("absent, as it should be");
  if (answer.status === 200 && parseVersionList(textOf(answer)).length === 0) return ok("a list without versions");
  if (answer.status === 401 || answer.status === 403) {
    return failed(
      `${statusOf(answer)}; go get of a package below a module breaks on it; mend: notFound: [${answer.status}] on that upstream`,
    );
  }
  return failed(`${statusOf(answer)} for a module that does not exist`);
}

/** A path that breaks the rules of escaping. */
export function judgeInvalid(answer: SmokeAnswer): Judgement {
  if (answer.status === 400 || isAbsent(answer)) return ok("refused, as it should be");
  return failed(`${statusOf(answer)} for a path that no module can have`);
}

function judgeFound(answer: SmokeAnswer, judge: () => Judgement): Judgement {
  if (answer.status !== 200) return failed(statusOf(answer));
  try {
    return judge();
  } catch (error) {
    return failed(Problem.from(error).message);
  }
}

function isAbsent(answer: SmokeAnswer): boolean {
  return answer.status === 404 || answer.status === 410;
}

function statusOf(answer: SmokeAnswer): string {
  const start = answer.bytes.length === 0 ? "" : `: ${startOf(answer)}`;
  return `${answer.status}${start}`;
}

function startOf(answer: SmokeAnswer): string {
  const line = textOf(answer).trim().split("\n", 1)[0] ?? "";
  return line.length > 120 ? `${line.slice(0, 120)}…` : line || "an empty answer";
}

function textOf(answer: SmokeAnswer): string {
  return new TextDecoder().decode(answer.bytes);
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

const ok = (detail: string): Judgement => ({ outcome: "ok", detail });
const info = (detail: string): Judgement => ({ outcome: "info", detail });
const failed = (detail: string): Judgement => ({ outcome: "failed", detail });
