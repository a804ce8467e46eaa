import { type CacheFinding, cacheFinding } from "./cache-finding.ts";
import { type KnownHashes, type Want, wantOf } from "./known-hashes.ts";
import type { Content, VersionFacts } from "./version-facts.ts";

type HashedContent = Extract<Content, { readonly kind: "hashed" }>;

/** What is wrong with the zip of a version, its .ziphash, and what is unpacked of it: the first cause that holds. */
export function judgeCode(facts: VersionFacts, known: KnownHashes): CacheFinding[] {
  const { zip } = facts;
  const want = wantOf(known, "zip");
  switch (zip.kind) {
    case "absent":
      return judgeWithoutZip(facts, want);
    case "broken":
      return [neverUnpacked(facts, zip.reason, want)];
    case "hashed":
      if (zip.fault !== null) return [neverUnpacked(facts, zip.fault, want)];
      if (want !== null && zip.h1 !== want.h1) return [otherZip(facts, zip, want)];
      return [...judgeFolder(facts, zip, want), ...judgeZiphash(facts, zip.h1, "the zip")];
  }
}

function otherZip(facts: VersionFacts, zip: HashedContent, want: Want): CacheFinding {
  const code = want.by === "database" ? "MG1201" : "MG1202";
  const whose = want.by === "database" ? "the checksum database" : "go.sum";
  const { folder, ziphash } = facts;
  const folderHash = folder.kind === "hashed" ? folder.h1 : null;
  const use =
    folder.kind === "absent"
      ? "the next build unpacks it"
      : folderHash === zip.h1
        ? "it is unpacked, and builds use it"
        : folderHash === want.h1
          ? "what is unpacked is still the right one"
          : "what is unpacked is a third thing, and builds use that";
  const cover =
    ziphash === want.h1
      ? "; its .ziphash is forged to name the right hash, so go build does not see it"
      : ziphash === zip.h1
        ? "; its .ziphash was made from it, so go mod verify does not see it"
        : "";
  const message = `the zip is not the one that ${whose} has: ${use}${cover}`;
  return finding(code, facts, { message, ...wanted(want), got: zip.h1, spoilt: "code" });
}

function neverUnpacked(facts: VersionFacts, reason: string, want: Want | null): CacheFinding {
  const use =
    facts.folder.kind === "absent"
      ? "every build that needs it fails, for ever"
      : "builds fail for ever once what is unpacked is gone";
  const message = `the zip can never be unpacked (${reason}): ${use}`;
  return finding("MG1207", facts, { message, ...wanted(want), got: hashOf(facts.zip), spoilt: "code" });
}

function judgeFolder(facts: VersionFacts, zip: HashedContent, want: Want | null): CacheFinding[] {
  const { folder } = facts;
  const found = foundIn(folder, zip.h1, "is not what the zip holds");
  if (found === null) return [];
  const message =
    want === null
      ? `what is unpacked ${found}: one of the two was changed, nobody knows which, and builds use what is unpacked`
      : `what is unpacked ${found}: it was changed after it was unpacked, and builds use it`;
  const spoilt = want === null ? "code" : "folder";
  const wantFrom = want === null ? "the zip" : `the zip, and ${want.says}`;
  return [finding("MG1204", facts, { message, want: zip.h1, wantFrom, got: hashOf(folder), spoilt })];
}

/** Without its zip, what is unpacked stands for itself; without a record its .ziphash is all that it can be held to. */
function judgeWithoutZip(facts: VersionFacts, want: Want | null): CacheFinding[] {
  const { folder, ziphash } = facts;
  if (folder.kind === "absent") return [];
  const wantHash = want?.h1 ?? ziphash;
  const found = wantHash === null ? null : foundIn(folder, wantHash, "is not the right one");
  if (found === null) return folder.kind === "hashed" ? judgeZiphash(facts, folder.h1, "what is unpacked") : [];
  const sees = ziphash === hashOf(folder) || ziphash === null ? "; go mod verify does not see it" : "";
  const message = `the zip is gone and what is unpacked ${found}: builds use it, and go on using it beside a new zip${sees}`;
  const wantFrom = want?.says ?? "its .ziphash";
  return [finding("MG1203", facts, { message, want: wantHash, wantFrom, got: hashOf(folder), spoilt: "code" })];
}

function judgeZiphash(facts: VersionFacts, h1: string, wantFrom: string): CacheFinding[] {
  const { ziphash, zip } = facts;
  if (ziphash === h1) return [];
  // go makes it anew from the zip; without one it takes what is unpacked for unfinished.
  if (ziphash === null && zip.kind === "absent") return [];
  const isHash = ziphash !== null && /^h1:[A-Za-z0-9+/]{43}=$/.test(ziphash);
  const message = isHash
    ? `the .ziphash is not the hash of ${wantFrom}: go believes it, so builds stop with a SECURITY ERROR or record it in go.sum`
    : `the .ziphash ${ziphash === null ? "is missing" : "is no hash"}: go mod verify fails until go writes it anew`;
  return [finding("MG1206", facts, { message, want: h1, wantFrom, got: isHash ? ziphash : null, spoilt: "ziphash" })];
}

/** What is there in place of `h1`: `other`, or what has no hash; null where it is right, or not there. */
function foundIn(content: Content, h1: string, other: string): string | null {
  switch (content.kind) {
    case "absent":
      return null;
    case "broken":
      return `holds what no module does (${content.reason})`;
    case "hashed":
      return content.h1 === h1 ? null : other;
  }
}

function hashOf(content: Content): string | null {
  return content.kind === "hashed" ? content.h1 : null;
}

function wanted(want: Want | null): Pick<CacheFinding, "want" | "wantFrom"> {
  return { want: want?.h1 ?? null, wantFrom: want?.says ?? null };
}

function finding(
  code: CacheFinding["code"],
  { module, version }: VersionFacts,
  details: Pick<CacheFinding, "message" | "spoilt"> & Partial<Pick<CacheFinding, "want" | "wantFrom" | "got">>,
): CacheFinding {
  return cacheFinding(code, { module, version, ...details });
}
