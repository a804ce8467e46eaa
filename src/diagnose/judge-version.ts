import { type CacheFinding, cacheFinding } from "./cache-finding.ts";
import { judgeCode } from "./judge-code.ts";
import { type KnownHashes, type Want, wantOf } from "./known-hashes.ts";
import type { VersionFacts } from "./version-facts.ts";

/**
 * What is wrong with a version: each thing once, by its cause. A zip that is another is one finding, whatever of
 * .ziphash and folder follows from it.
 */
export function judgeVersion(facts: VersionFacts, known: KnownHashes): CacheFinding[] {
  return [
    ...judgeCode(facts, known),
    ...judgeMod(facts, wantOf(known, "mod")),
    ...judgeInfo(facts),
    ...judgeSums(facts, known),
    ...facts.unread.map((message) => cacheFinding("MG1210", { ...versionOf(facts), message })),
    ...judgeRecord(facts, known),
  ];
}

function versionOf({ module, version }: VersionFacts): { module: string; version: string } {
  return { module, version };
}

function judgeMod(facts: VersionFacts, want: Want | null): CacheFinding[] {
  const { mod } = facts;
  // A recorded go.mod is right, whatever it looks like.
  if (mod.kind !== "hashed" || mod.h1 === want?.h1) return [];
  const hashes = { want: want?.h1 ?? null, wantFrom: want?.says ?? null, got: mod.h1 };
  const details = { ...versionOf(facts), ...hashes, spoilt: "mod" } as const;
  if (mod.fault !== null) {
    return [cacheFinding("MG1208", { ...details, message: `the .mod is no go.mod: ${mod.fault}` })];
  }
  if (want === null) return [];
  const whose = want.by === "database" ? "the checksum database" : "go.sum";
  return [cacheFinding("MG1205", { ...details, message: `the .mod is not the go.mod that ${whose} has` })];
}

function judgeInfo(facts: VersionFacts): CacheFinding[] {
  if (facts.infoFault === null) return [];
  const message = `the .info cannot be used: ${facts.infoFault}`;
  return [cacheFinding("MG1208", { ...versionOf(facts), message, spoilt: "info" })];
}

/** Every line of a go.sum that says something else than what counts. */
function judgeSums(facts: VersionFacts, known: KnownHashes): CacheFinding[] {
  return (["zip", "mod"] as const).flatMap((file) => {
    const want = wantOf(known, file);
    if (want === null) return [];
    const wrong = known.sums[file].filter(({ h1 }) => h1 !== want.h1);
    const name = file === "zip" ? "zip" : "go.mod";
    const whom = want.by === "database" ? "the checksum database" : want.says;
    return wrong.map(({ h1, place }) =>
      cacheFinding("MG1209", {
        ...versionOf(facts),
        message: `${place} contradicts ${whom} about the ${name}: builds that read it stop with a SECURITY ERROR`,
        want: want.h1,
        wantFrom: want.says,
        got: h1,
      }),
    );
  });
}

function judgeRecord(facts: VersionFacts, known: KnownHashes): CacheFinding[] {
  const hasCode = facts.zip.kind !== "absent" || facts.folder.kind !== "absent";
  const unproved = [
    ...(hasCode && wantOf(known, "zip") === null ? ["zip"] : []),
    ...(facts.mod.kind !== "absent" && wantOf(known, "mod") === null ? ["go.mod"] : []),
  ];
  if (unproved.length === 0) return [];
  const { database } = known;
  const why =
    database.kind === "not asked"
      ? `the checksum database was not asked: ${database.why}`
      : "the checksum database does not know it";
  const message = `${unproved.join(" and ")} could be compared with nothing: no go.sum that was read has it, and ${why}`;
  return [cacheFinding("MG1212", { ...versionOf(facts), message })];
}
