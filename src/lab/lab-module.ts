import { hash } from "node:crypto";
import { h1Of, h1OfGoMod } from "../gomod/h1.ts";
import { versionFilePath } from "../gomod/keys.ts";
import { escapeModulePath } from "../gomod/path.ts";
import type { LoopbackAnswer } from "./loopback-server.ts";
import { storedZip } from "./stored-zip.ts";

/** What a module version is made from. */
export interface ModuleSource {
  readonly path: string;
  readonly version: string;
  /** Name below the module's root to text. */
  readonly files: Readonly<Record<string, string>>;
  /** Text of go.mod; made from the path where left out, and no file in the zip where null. */
  readonly goMod?: string | null;
  /** RFC 3339; the first moment of 2024 where left out. */
  readonly time?: string;
}

/** A module version as a proxy serves it, with its two hashes. */
export interface LabModule {
  readonly path: string;
  readonly version: string;
  readonly info: Buffer;
  readonly mod: Buffer;
  readonly zip: Buffer;
  /** The h1 of the zip. */
  readonly zipHash: string;
  /** The h1 of go.mod. */
  readonly modHash: string;
}

/** Makes a version, its zip included; the same source gives the same bytes on every machine. */
export function labModule({ path, version, files, goMod, time = "2024-01-01T00:00:00Z" }: ModuleSource): LabModule {
  const text = goMod === undefined ? `module ${path}\n\ngo 1.21\n` : goMod;
  // A module without go.mod is served with one that has its module line alone.
  const mod = Buffer.from(text ?? `module ${path}\n`);
  const entries = Object.entries({ ...(text === null ? {} : { "go.mod": text }), ...files }).map(([name, text]) => ({
    name: `${path}@${version}/${name}`,
    bytes: Buffer.from(text),
  }));
  return {
    path,
    version,
    info: Buffer.from(JSON.stringify({ Version: version, Time: time })),
    mod,
    zip: storedZip(entries),
    zipHash: h1Of(entries.map(({ name, bytes }) => ({ name, sha256: hash("sha256", bytes, "hex") }))),
    modHash: h1OfGoMod(mod),
  };
}

/** The two lines that the version has in an honest go.sum, and in the checksum database. */
export function sumLines({ path, version, zipHash, modHash }: LabModule): string {
  return `${path} ${version} ${zipHash}\n${path} ${version}/go.mod ${modHash}\n`;
}

/** What a proxy with this one version answers to a path; null is 404. https://go.dev/ref/mod#goproxy-protocol */
export function answerModule(module: LabModule, path: string): LoopbackAnswer | null {
  const { path: name, version } = module;
  const text = "text/plain; charset=utf-8";
  switch (path) {
    case `/${escapeModulePath(name)}/@v/list`:
      return { body: Buffer.from(`${version}\n`), contentType: text };
    case versionFilePath(name, version, "info"):
    case `/${escapeModulePath(name)}/@latest`:
      return { body: module.info, contentType: "application/json" };
    case versionFilePath(name, version, "mod"):
      return { body: module.mod, contentType: text };
    case versionFilePath(name, version, "zip"):
      return { body: module.zip, contentType: "application/zip" };
    default:
      return null;
  }
}
