import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Disk } from "../ports/disk.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import { failed, type Answer, type Source } from "./answer.ts";
import { failure } from "./failure.ts";
import { fileFailure, readFileAnswer } from "./read-file.ts";

/**
 * A folder in the layout of a module proxy, as `file:///srv/proxy` names it (GO-FACTS G.2). A missing file is
 * absent, so long as the folder itself is there: a mount that is gone proves nothing.
 */
export class FileSource implements Source {
  readonly host: string;
  readonly isOneHost = false;
  readonly #folder: string;
  readonly #disk: Pick<Disk, "open" | "stat">;

  constructor(url: string, disk: Pick<Disk, "open" | "stat">) {
    this.#folder = fileURLToPath(url);
    this.#disk = disk;
    this.host = this.#folder;
  }

  serves(): boolean {
    return true;
  }

  async ask(ask: UpstreamAsk, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (ask.path.split("/").includes("..")) return failed(failure("absent", "no such file"));
    try {
      const found = await readFileAnswer(this.#disk, join(this.#folder, ask.path));
      if (found) return found;
      const folder = await this.#disk.stat(this.#folder);
      if (folder?.isDirectory) return failed(failure("absent", "no such file"));
      return failed(failure("unreachable", `folder "${this.#folder}" is not there`));
    } catch (error) {
      return failed(fileFailure(error));
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
