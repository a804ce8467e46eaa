import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { h1OfGoMod } from "../gomod/h1.ts";
import { parseInfo } from "../gomod/info.ts";
import { infoKey, modKey, zipKey } from "../gomod/keys.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase, SumdbOperations } from "../ports/checksum-database.ts";
import type { Hasher } from "../ports/hasher.ts";
import { placeOf } from "../store/cache-layout.ts";
import { SumdbClient } from "../sumdb/sumdb-client.ts";
import type { BundleFile, Manifest } from "./manifest.ts";
import { type BundleVisitor, wholeOf } from "./read-bundle.ts";

/** Where proofs go on from. */
export interface BundleTrust {
  /** The verifier keys of the databases that are believed, by name. */
  readonly keys: ReadonlyMap<string, string>;
  /** The latest tree head of a database known here. */
  readonly registerOf: (database: string) => SumdbOperations["trust"];
  /** What is here already, under `sumdb/`; null where there is nothing. */
  readonly cached: (key: string) => Promise<Uint8Array | null>;
}

interface ProverParts {
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly trust: BundleTrust;
  readonly signal: AbortSignal;
  readonly onFile: (file: BundleFile) => void;
}

type ModuleOfBundle = Manifest["modules"][number];

const maxInfoBytes = 1024 * 1024;

/**
 * Proves a bundle while it is read, without a network: the hash of each zip and go.mod is computed anew, stands in the
 * manifest, and where a database knows the module, in its signed tree as the bundle's own lookups and tiles show it.
 * Everything that is not so ends the reading: UPSTREAM_DAMAGED, SUMDB_MISMATCH, SUMDB_DAMAGED, SUMDB_FORK.
 */
export class BundleProver implements BundleVisitor, AsyncDisposable {
  readonly #parts: ProverParts;
  readonly #sums = new Map<string, Buffer>();
  readonly #wanted = new Map<string, { readonly of: ModuleOfBundle; readonly kind: "info" | "mod" | "zip" }>();
  #manifest: Manifest | null = null;
  #isProved = false;
  #folder: string | null = null;

  constructor(parts: ProverParts) {
    this.#parts = parts;
  }

  begin(manifest: Manifest): void {
    this.#manifest = manifest;
    for (const { name } of manifest.databases) {
      if (this.#parts.trust.keys.has(name)) continue;
      throw new Problem(
        "UPSTREAM_DAMAGED",
        `The bundle is proved by the checksum database ${name}, whose key is not known`,
        {
          hint: `name it: --sumdb ${name}+HASH+KEY`,
        },
      );
    }
    for (const of of manifest.modules) {
      const [module, version] = [escapeModulePath(of.module), escapeVersion(of.version)];
      this.#wanted.set(infoKey(module, version), { of, kind: "info" });
      this.#wanted.set(modKey(module, version), { of, kind: "mod" });
      if (of.zip !== null) this.#wanted.set(zipKey(module, version), { of, kind: "zip" });
    }
  }

  async file(file: BundleFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#parts.signal.throwIfAborted();
    if (placeOf(file.path)?.kind === "sumdb") {
      if (this.#isProved) throw misplaced(file);
      this.#sums.set(file.path, await wholeOf(content));
    } else if (placeOf(file.path)?.kind === "vulndb") {
      // Nothing proves it but the signer's word; what is no JSON would break every reader.
      JSON.parse((await wholeOf(content)).toString());
    } else {
      await this.#proveRecords();
      const wanted = this.#wanted.get(file.path);
      if (wanted === undefined) throw misplaced(file);
      await this.#proveFile(file, wanted, content);
    }
    this.#parts.onFile(file);
  }

  /** Call it when the reading has ended: a bundle without modules has records all the same. */
  async end(): Promise<void> {
    await this.#proveRecords();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }

  async #proveFile(
    file: BundleFile,
    { of, kind }: { readonly of: ModuleOfBundle; readonly kind: "info" | "mod" | "zip" },
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    if (kind === "zip") {
      const path = await this.#spool(content);
      const { module, version } = of;
      const { h1 } = await this.#parts.hasher.zip({ module, version, content: path }, this.#parts.signal);
      await rm(path, { force: true });
      if (h1 !== of.zip) throw mismatch(file, h1, of.zip ?? "none");
      return;
    }
    if (file.size > maxInfoBytes * 16) throw misplaced(file);
    const bytes = await wholeOf(content);
    if (kind === "info") parseInfo(bytes, of.version);
    else if (h1OfGoMod(bytes) !== of.mod) throw mismatch(file, h1OfGoMod(bytes), of.mod);
  }

  /** All that the manifest says of hashes, against the trees of the databases. */
  async #proveRecords(): Promise<void> {
    if (this.#isProved || this.#manifest === null) return;
    this.#isProved = true;
    const { modules, databases } = this.#manifest;
    const clients = new Map(databases.map(({ name }) => [name, this.#clientOf(name)]));
    const proving = modules.map(async (of) => {
      if (of.database === null) return;
      const client = clients.get(of.database);
      if (client === undefined) throw unlisted(of);
      const proved = await client.lookup(of.module, of.version, this.#parts.signal);
      if (proved.mod === of.mod && (of.zip === null || proved.zip === of.zip)) return;
      throw new Problem(
        "SUMDB_MISMATCH",
        `The bundle says of ${of.module}@${of.version} ${of.zip ?? of.mod}, but ${of.database} says ${of.zip === null ? proved.mod : proved.zip}`,
      );
    });
    await Promise.all(proving);
  }

  #clientOf(name: string): ChecksumDatabase {
    const { trust, clock } = this.#parts;
    return new SumdbClient({
      key: trust.keys.get(name) ?? "",
      clock,
      onFork: () => {},
      operations: {
        trust: trust.registerOf(name),
        readCached: async (key) => this.#sums.get(key) ?? (await trust.cached(key)),
        writeCached: () => Promise.resolve(),
        readRemote: ({ path }) =>
          Promise.reject(
            new Problem("UPSTREAM_DAMAGED", `The bundle lacks ${path} of ${name}`, {
              hint: "make it with --since and the bundle that was imported last, so that it shows how the tree went on",
            }),
          ),
      },
    });
  }

  async #spool(content: AsyncIterable<Uint8Array>): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "modgate-bundle-"));
    const path = join(this.#folder, "zip");
    await pipeline(Readable.from(content), createWriteStream(path));
    return path;
  }
}

function mismatch(file: BundleFile, got: string, wanted: string): Problem {
  return new Problem("UPSTREAM_DAMAGED", `${file.path} of the bundle has ${got}, but its manifest says ${wanted}`);
}

function misplaced(file: BundleFile): Problem {
  return new Problem("UPSTREAM_DAMAGED", `${file.path} has no place in a bundle of these modules`);
}

function unlisted({ module, version, database }: ModuleOfBundle): Problem {
  return new Problem(
    "UPSTREAM_DAMAGED",
    `The bundle has no tree head of ${database}, which is to prove ${module}@${version}`,
  );
}
