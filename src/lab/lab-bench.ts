import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { openLabFolder } from "./lab-folder.ts";
import { LabGo, type LabMachine } from "./lab-go.ts";
import { openRecorder, type Recorder } from "./lab-recorder.ts";
import type { LabEvidence } from "./lab-table.ts";

/** What every lab that fills a table is given. */
export interface LabOptions {
  readonly machine: LabMachine;
  /** A path of go, or a name to look for in PATH. */
  readonly go: string;
  /** GOCACHE; null for a throw-away one, in which the first program takes some seconds to compile. */
  readonly buildCache: string | null;
  /** How many runs of how many have ended. */
  readonly onProgress: (done: number, total: number) => void;
  /** The proxy that go is to go through; null: it asks the lab's own server. */
  readonly through: LabThrough | null;
}

/** A proxy under test in front of a lab's server. */
export interface LabThrough {
  /** Starts answering by this listener where the proxy asks, and gives what stands for the proxy. */
  open(upstream: RequestListener): Promise<LabFront>;
}

/** What go's requests are answered by, until the lab has ended. */
export interface LabFront extends AsyncDisposable {
  readonly listener: RequestListener;
}

/** Runs that a lab does at once. */
export const runsAtOnce = 2;

/** Folders and go of a lab, and what answers go. */
export class LabBench implements AsyncDisposable {
  readonly folder: string;
  readonly go: LabGo;
  /** Such as go1.26.8. */
  readonly version: string;
  readonly #front: RequestListener;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<LabBench, "folder" | "go" | "version"> & { readonly front: RequestListener },
    resources: AsyncDisposableStack,
  ) {
    this.folder = parts.folder;
    this.go = parts.go;
    this.version = parts.version;
    this.#front = parts.front;
    this.#resources = resources;
  }

  /** Makes it; USAGE where go cannot be run. */
  static async open(options: LabOptions, upstream: RequestListener): Promise<LabBench> {
    await using resources = new AsyncDisposableStack();
    const { path: folder } = resources.use(await openLabFolder());
    const home = join(folder, "home");
    await mkdir(home);
    const buildCache = options.buildCache ?? join(folder, "build");
    const go = new LabGo(options.machine, { command: options.go, buildCache, home });
    const version = await go.version(home);
    const front = options.through === null ? null : resources.use(await options.through.open(upstream));
    return new LabBench({ folder, go, version, front: front?.listener ?? upstream }, resources.move());
  }

  /** A server that passes go's requests to the lab's own, or to the proxy under test, and remembers them. */
  recorder(): Promise<Recorder> {
    return openRecorder(this.#front);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** What a run is compared by. `project` is where go.sum is, `goPath` where the module cache is. */
export async function evidenceOf(
  recorder: Recorder,
  { project, goPath }: { readonly project: string; readonly goPath: string },
): Promise<LabEvidence> {
  const downloads = join(goPath, "pkg/mod/cache/download");
  const names = (await readdir(downloads, { recursive: true }).catch(() => [])).filter((name) => name.endsWith(".zip"));
  const goSum = await readFile(join(project, "go.sum"), "utf8").catch(() => "");
  const zips = names.toSorted().map(async (name) => {
    const bytes = await readFile(join(downloads, name));
    return `${name} ${createHash("sha256").update(bytes).digest("hex")}`;
  });
  return {
    answers: recorder
      .requests()
      .map(({ path, status }) => `${path} ${status === null ? "none" : `${Math.floor(status / 100)}xx`}`)
      .toSorted(),
    goSum: goSum.split("\n").filter((line) => line !== ""),
    zips: await Promise.all(zips),
  };
}
