import { createHash } from "node:crypto";
import * as z from "zod";
import { Problem } from "../kernel/problem.ts";
import { type NoteSigner } from "../sumdb/note-signer.ts";
import { noteVerifier, openNote } from "../sumdb/signed-note.ts";

const hash = z.string().regex(/^h1:[A-Za-z0-9+/]{43}=$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** RFC 3339. */
  createdAt: z.string(),
  /** SHA-256 of the manifest that this one is a delta to; null: it is whole. */
  since: sha256.nullable(),
  /** The tree head that everything of a database is proved against. */
  databases: z.array(z.strictObject({ name: z.string(), head: z.string() })),
  modules: z.array(
    z.strictObject({
      module: z.string(),
      version: z.string(),
      /** Null where the bundle has no zip of it. */
      zip: hash.nullable(),
      mod: hash,
      /** The database that proves them; null: none knows the module, and the signer vouches for it. */
      database: z.string().nullable(),
    }),
  ),
  /** In the order of the archive; `isHere` false: the bundle that this one is a delta to has it. */
  files: z.array(z.strictObject({ path: z.string(), size: z.int().min(0), sha256, isHere: z.boolean() })),
});

/** What a bundle holds, and what proves it. */
export type Manifest = z.infer<typeof manifestSchema>;

/** One file of a bundle, at its place in the file tree. */
export type BundleFile = Manifest["files"][number];

/** Names of the first two entries of a bundle. */
export const noteName = "bundle.note";
export const manifestName = "bundle.json";

const title = "modgate bundle 1";

/** The manifest as it stands in a bundle, and the note that signs it. */
export function signManifest(manifest: Manifest, signer: NoteSigner): { readonly json: Buffer; readonly note: Buffer } {
  const json = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  return { json, note: Buffer.from(signer.sign(`${title}\n${digestOf(json)}\n`)) };
}

/** Reads a manifest that one of these keys has signed. UPSTREAM_DAMAGED where none has, or where it is none. */
export function openManifest(note: Buffer, json: Buffer, keys: readonly string[]): Manifest {
  const readings = keys.map((key) => ({ key, reading: openNote(note.toString(), noteVerifier(key)) }));
  const signed = readings.find(({ reading }) => reading.kind === "signed")?.reading;
  if (signed?.kind !== "signed") {
    const said = readings.map(({ key, reading }) => `${key}: it ${reading.kind === "fault" ? reading.reason : ""}`);
    throw new Problem("UPSTREAM_DAMAGED", "The bundle is not signed by a key that is trusted here", {
      tried: said,
      hint: "name the key of who made it: --trusted-key NAME+HASH+KEY, or bundleKeys in modgate.yaml",
    });
  }
  if (signed.text !== `${title}\n${digestOf(json)}\n`) {
    throw new Problem("UPSTREAM_DAMAGED", `The bundle's ${manifestName} is not the one that was signed`, {
      hint: "have the bundle sent again: it was changed on the way",
    });
  }
  return parseManifest(json);
}

/** Reads a manifest whose signature does not matter, such as one's own of before. UPSTREAM_DAMAGED where it is none. */
export function parseManifest(json: Buffer): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(json.toString()));
  } catch (cause) {
    throw new Problem("UPSTREAM_DAMAGED", `The bundle's ${manifestName} is no manifest that this modgate reads`, {
      cause,
      hint: "make it with the same version of modgate",
    });
  }
}

/** SHA-256 in hex. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
