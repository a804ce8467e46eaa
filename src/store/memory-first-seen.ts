import type { FirstSeen, FirstSeenFile, FirstSeenVersion } from "../ports/first-seen.ts";

/** First-seen hashes that live as long as the process: for tests and for trial gateways. */
export class MemoryFirstSeen implements FirstSeen {
  readonly #files = new Map<string, FirstSeenFile>();

  find({ module, version, file }: FirstSeenVersion): FirstSeenFile | null {
    return this.#files.get(`${module}@${version} ${file}`) ?? null;
  }

  pin({ module, version, file }: FirstSeenVersion, seen: FirstSeenFile): FirstSeenFile {
    const key = `${module}@${version} ${file}`;
    const known = this.#files.get(key) ?? seen;
    this.#files.set(key, known);
    return known;
  }

  forget(module: string, version: string): number {
    const files = ["mod", "zip", "origin"].map((file) => `${module}@${version} ${file}`);
    return files.filter((key) => this.#files.delete(key)).length;
  }

  close(): void {}
}
