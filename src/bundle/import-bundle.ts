import { createHash } from "node:crypto";
import { Problem } from "../kernel/problem.ts";
import type { FirstSeen } from "../ports/first-seen.ts";
import type { Store } from "../ports/store.ts";
import { isVersionKey, placeOf } from "../store/cache-layout.ts";
import type { BundleFile, Manifest } from "./manifest.ts";
import type { BundleVisitor } from "./read-bundle.ts";

interface ImportParts {
  readonly store: Store;
  readonly firstSeen: FirstSeen;
  readonly nowMs: number;
  readonly onFile: (file: BundleFile) => void;
}

/** How many files an import brought in. */
export interface BundleImport {
  readonly imported: number;
  /** Files that were here already. */
  readonly present: number;
}

/** Takes the files of a proved bundle in, each durable before the next. */
export class BundleImporter implements BundleVisitor {
  readonly #parts: ImportParts;
  #imported = 0;
  #present = 0;

  constructor(parts: ImportParts) {
    this.#parts = parts;
  }

  get counts(): BundleImport {
    return { imported: this.#imported, present: this.#present };
  }

  /** Refuses a delta to a bundle that is not here: UPSTREAM_DAMAGED. */
  async checkEarlier(manifest: Manifest): Promise<void> {
    const { store } = this.#parts;
    for (const { path, sha256, isHere } of manifest.files) {
      if (isHere) continue;
      const file = await store.find(path);
      const hash = createHash("sha256");
      if (file !== null) for await (const piece of file.stream()) hash.update(piece);
      if (file !== null && hash.digest("hex") === sha256) continue;
      throw new Problem("UPSTREAM_DAMAGED", `The bundle goes on from an earlier one, and ${path} of that is not here`, {
        hint: "import the bundle that it was made --since first, or have a whole one made",
      });
    }
  }

  /** Pins what no database knows, before anything is taken in; FIRST_SEEN_MISMATCH where something else was seen here. */
  begin(manifest: Manifest): void {
    for (const module of manifest.modules.filter(({ database }) => database === null)) this.#pin(module);
  }

  async file(file: BundleFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { store, onFile } = this.#parts;
    const place = placeOf(file.path);
    if (isVersionKey(file.path) && (await store.find(file.path)) !== null) {
      this.#present++;
    } else {
      await using staged = await store.stage(file.path);
      for await (const piece of content) await staged.write(Buffer.from(piece));
      await staged.commit();
      this.#imported++;
    }
    if (place !== null && place.version !== null) store.recordSeen(place.module, place.version);
    onFile(file);
  }

  #pin({ module, version, zip, mod }: Manifest["modules"][number]): void {
    const { firstSeen, nowMs } = this.#parts;
    for (const [file, h1] of [
      ["mod", mod],
      ["zip", zip],
    ] as const) {
      if (h1 === null) continue;
      const pinned = firstSeen.pin({ module, version, file }, { h1, atMs: nowMs, upstream: "bundle" });
      if (pinned.h1 === h1) continue;
      throw new Problem(
        "FIRST_SEEN_MISMATCH",
        `${module}@${version} (.${file}) has ${h1} in the bundle, but what was first seen here says ${pinned.h1}`,
      );
    }
  }
}
