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
      return [
        spoilt("MG1207", facts, { message: `its zip can never be unpacked: ${zip.reason}`, want: want?.h1 ?? null }),
      ];
    case "hashed": {
      if (want !== null && zip.h1 !== want.h1) return [otherZip(facts, zip, want)];
      const rule = zip.fault === null ? [] : [neverUnpacked(facts, zip.fault)];
      return [...rule, ...judgeZiphash(facts, zip.h1, "its zip has"), ...judgeFolder(facts, zip)];
    }
  }
}

function otherZip(facts: VersionFacts, zip: HashedContent, want: Want): CacheFinding {
  const code = want.by === "database" ? "MG1201" : "MG1202";
  const { folder, ziphash } = facts;
  const folderHash = folder.kind === "hashed" ? folder.h1 : null;
  const use =
    folder.kind === "absent"
      ? "the next build unpacks it"
      : folderHash === zip.h1
        ? "it is unpacked, and builds use it"
        : folderHash === want.h1
          ? "what is unpacked is still the right one"
          : "what is unpacked is another again, and builds use that";
  const cover =
    ziphash === want.h1
      ? "; its .ziphash names the right hash, so go does not see it"
      : ziphash === zip.h1
        ? "; its .ziphash was written for it, so go mod verify does not see it"
        : "";
  const message = `its zip has ${zip.h1}, but ${want.says} says ${want.h1}: ${use}${cover}`;
  return spoilt(code, facts, { message, want: want.h1, got: zip.h1 });
}

function neverUnpacked(facts: VersionFacts, fault: string): CacheFinding {
  return spoilt("MG1207", facts, { message: `its zip can never be unpacked: ${fault}` });
}

function judgeFolder(facts: VersionFacts, zip: HashedContent): CacheFinding[] {
  const { folder } = facts;
  const found = foundIn(folder, zip.h1);
  if (found === null) return [];
  const message = `what is unpacked ${found}, but its zip has ${zip.h1}: it was changed since, and builds use it`;
  return [spoilt("MG1204", facts, { message, want: zip.h1, got: hashOf(folder) })];
}

/** Without its zip, what is unpacked stands for itself; without a record its .ziphash is all that it can be held to. */
function judgeWithoutZip(facts: VersionFacts, want: Want | null): CacheFinding[] {
  const { folder, ziphash } = facts;
  if (folder.kind === "absent") return [];
  const wanted = want?.h1 ?? ziphash;
  const found = wanted === null ? null : foundIn(folder, wanted);
  if (found === null) return folder.kind === "hashed" ? judgeZiphash(facts, folder.h1, "what is unpacked has") : [];
  const says = want === null ? `its .ziphash says ${wanted}` : `${want.says} says ${wanted}`;
  const trap = "builds use it, and go on using it beside a new zip";
  const message = `its zip is gone and what is unpacked ${found}, but ${says}: ${trap}`;
  return [spoilt("MG1203", facts, { message, want: wanted, got: hashOf(folder) })];
}

function judgeZiphash(facts: VersionFacts, h1: string, has: string): CacheFinding[] {
  const { ziphash, zip } = facts;
  if (ziphash === h1) return [];
  // go makes it anew from the zip; without one it takes what is unpacked for unfinished.
  if (ziphash === null && zip.kind === "absent") return [];
  const found = ziphash === null ? "is missing" : ziphash === "" ? "is empty" : `says ${shown(ziphash)}`;
  const message = `its .ziphash ${found}, but ${has} ${h1}: go believes the .ziphash`;
  return [spoilt("MG1206", facts, { message, want: h1, got: ziphash })];
}

/** What is there in place of `h1`, in words that follow what it is; null where it is right, or not there. */
function foundIn(content: Content, h1: string): string | null {
  switch (content.kind) {
    case "absent":
      return null;
    case "broken":
      return `can have no hash (${content.reason})`;
    case "hashed":
      return content.h1 === h1 ? null : `has ${content.h1}`;
  }
}

function hashOf(content: Content): string | null {
  return content.kind === "hashed" ? content.h1 : null;
}

function shown(ziphash: string): string {
  return /^h1:[A-Za-z0-9+/=]{1,60}$/.test(ziphash) ? ziphash : JSON.stringify(ziphash.slice(0, 40));
}

function spoilt(
  code: CacheFinding["code"],
  { module, version }: VersionFacts,
  details: Pick<CacheFinding, "message"> & Partial<Pick<CacheFinding, "want" | "got">>,
): CacheFinding {
  return cacheFinding(code, { module, version, spoilt: "code", ...details });
}
