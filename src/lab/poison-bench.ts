import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessEnd } from "../upstream/process-group.ts";
import { cachedFacts } from "./cached-module.ts";
import { type LabDatabase, makeLabDatabase } from "./lab-database.ts";
import { openLabFolder, writeTexts } from "./lab-folder.ts";
import { LabGo, type LabMachine } from "./lab-go.ts";
import { answerModule } from "./lab-module.ts";
import type { LabFact, LabRun } from "./lab-story.ts";
import { openLoopback } from "./loopback-server.ts";
import { maskText } from "./mask-text.ts";
import { mainModule, otherModule, publishedModule } from "./poison-scene.ts";

export interface PoisonOptions {
  readonly machine: LabMachine;
  /** A path of go, or a name to look for in PATH. */
  readonly go: string;
  /** GOCACHE; null for a throw-away one, in which the first program takes some seconds to compile. */
  readonly buildCache: string | null;
  /** The command line of modgate, to which arguments are added. */
  readonly modgate: readonly string[];
  /** Says what is at work. */
  readonly onStep: (title: string) => void;
}

/** A module cache of its own, as a developer or a build machine has one. */
export interface Workplace {
  readonly goPath: string;
  readonly modCache: string;
}

/** One run of go in the chain. */
export interface PoisonRun {
  readonly workplace: Workplace;
  readonly project: string;
  /** Variables of go. */
  readonly settings: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Where it runs, or why, in words that end in a colon. */
  readonly note?: string;
}

/** What the steps of `lab poison` share: two proxies, a database, folders and go. */
export class PoisonBench implements AsyncDisposable {
  readonly options: PoisonOptions;
  readonly folder: string;
  /** Serves what was published. */
  readonly honestProxy: string;
  /** Serves other bytes. */
  readonly otherProxy: string;
  /** GOSUMDB with the lab's database. */
  readonly sumdb: string;
  readonly go: LabGo;
  readonly #resources: AsyncDisposableStack;
  readonly #masks: [string, string][];
  #folders = 0;

  private constructor(
    parts: Pick<PoisonBench, "options" | "folder" | "honestProxy" | "otherProxy" | "sumdb" | "go">,
    resources: AsyncDisposableStack,
  ) {
    this.options = parts.options;
    this.folder = parts.folder;
    this.honestProxy = parts.honestProxy;
    this.otherProxy = parts.otherProxy;
    this.sumdb = parts.sumdb;
    this.go = parts.go;
    this.#resources = resources;
    this.#masks = [
      ["database", parts.sumdb],
      ["folder", parts.folder],
    ];
    this.hide("honest", parts.honestProxy);
    this.hide("other", parts.otherProxy);
  }

  /** Makes it; USAGE where go cannot be run. */
  static async open(options: PoisonOptions): Promise<PoisonBench> {
    await using resources = new AsyncDisposableStack();
    const { path: folder } = resources.use(await openLabFolder());
    const honest = resources.use(await openLoopback((path) => answerModule(publishedModule, path)));
    const other = resources.use(await openLoopback((path) => answerModule(otherModule, path)));
    const database: LabDatabase = makeLabDatabase("sum.lab.example");
    database.record(publishedModule);
    const databaseServer = resources.use(await openLoopback((path) => database.answer(path)));
    const home = join(folder, "home");
    await mkdir(home);
    const go = new LabGo(options.machine, {
      command: options.go,
      buildCache: options.buildCache ?? join(folder, "build"),
      home,
    });
    const sumdb = `${database.key} ${databaseServer.url}`;
    const parts = { options, folder, honestProxy: honest.url, otherProxy: other.url, sumdb, go };
    return new PoisonBench(parts, resources.move());
  }

  /** A place with an empty module cache. */
  workplace(): Workplace {
    const goPath = join(this.folder, `gopath-${++this.#folders}`);
    return { goPath, modCache: join(goPath, "pkg/mod") };
  }

  /** A new main module in a folder of its own, with the dependency and these lines where go.sum is given. */
  async project(goSum: string | null = null): Promise<string> {
    const project = join(this.folder, `project-${++this.#folders}`);
    await writeTexts(project, { ...mainModule(goSum !== null), ...(goSum ? { "go.sum": goSum } : {}) });
    return project;
  }

  /** Runs go in a project, with the module cache of a place. */
  async run({ workplace, project, settings, args, note }: PoisonRun): Promise<LabRun> {
    const { goPath } = workplace;
    const end = await this.go.run({ args, cwd: project, goPath, environment: settings });
    return this.recorded(`${settingsText(settings)}go ${args.join(" ")}`, end, note);
  }

  /** Runs modgate there, with go's settings and no configuration file of the user's. */
  async runModgate({ workplace, project, settings, args, note }: PoisonRun): Promise<LabRun> {
    const { goPath } = workplace;
    const { modgate: program, go } = this.options;
    const config = join(this.folder, "modgate.yaml");
    await writeFile(config, "{}\n");
    const environment = { ...settings, MODGATE_CONFIG: config, MODGATE_DIRECT_GO: go };
    const end = await this.go.run({ program, args, cwd: project, goPath, environment });
    return this.recorded(`${settingsText(settings)}modgate ${args.join(" ")}`, end, note);
  }

  /** What ran, masked. */
  recorded(command: string, { exitCode, stdout, stderr }: ProcessEnd, note: string | null = null): LabRun {
    return { note, command: this.mask(command), exitCode, output: this.mask(stderr + stdout) };
  }

  /** Replaces the URL of a server, and its host, in what is recorded from now on. */
  hide(name: string, url: string): void {
    this.#masks.push([name, url], [name, new URL(url).host]);
  }

  /** The text without what differs from run to run. */
  mask(text: string): string {
    return maskText(text, this.#masks)
      .replaceAll(/\brequest [0-9a-z]{13}\b/g, "request {id}")
      .replaceAll(/\bquarantine\/[\w.-]+/g, "quarantine/{file}")
      .replaceAll(/\b\d+(?:\.\d+)? m?s\b/g, "{time}");
  }

  /** What the module cache of a place has of the dependency. */
  cached({ modCache }: Workplace): Promise<LabFact[]> {
    return cachedFacts(publishedModule, modCache);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${/^[\w:/.,-]+$/.test(value) ? value : `'${value}'`} `)
    .join("");
}

/** The hash of the dependency's zip in the go.sum of a project; `none` where there is no such line. */
export async function recordedSum(project: string): Promise<LabFact> {
  const goSum = await readFile(join(project, "go.sum"), "utf8").catch(() => "");
  const { path, version } = publishedModule;
  const line = goSum.split("\n").find((line) => line.startsWith(`${path} ${version} `));
  return { name: "line in go.sum", value: line?.split(" ")[2] ?? "none" };
}
