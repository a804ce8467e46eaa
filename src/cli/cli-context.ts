import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Flags } from "../config/config-sources.ts";
import type { CheckedConfig, LoadedConfig } from "../config/load-config.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { FileStore } from "../store/file-store.ts";
import type { Ask, Reply } from "../ports/ask.ts";
import type { Config } from "../config/config.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { Trust } from "../ports/trust.ts";
import type { CacheVerifier } from "../gateway/cache-verifier.ts";
import type { ImportProver } from "../gateway/import-prover.ts";
import type { Paint } from "./colour.ts";

/** A stream of the terminal, or of a pipe. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
}

export type { Flags };

/** The store of a data folder, for commands that look into it. */
export interface OpenStore extends AsyncDisposable {
  readonly files: FileStore;
}

/** A gateway without listeners, for commands that work on a data folder. */
export interface Workshop extends OpenStore {
  readonly verifier: CacheVerifier;
  readonly importProver: ImportProver;
  readonly config: Config;
  readonly trust: Trust;
  /** The checksum database that knows the module; null where none does, as for private ones. */
  databaseOf(module: string): ChecksumDatabase | null;
  serve(ask: Ask, reply: Reply): Promise<Exchange>;
  /** Resolves when all that was fetched is published. */
  idle(): Promise<void>;
}

/** What `serve` adds to the configuration. */
export interface ServeOptions {
  /** The command line's, for when the configuration is loaded anew. */
  readonly flags: Flags;
  /** How the log is painted for a reader at a terminal; null: JSON lines. */
  readonly logPaint: Paint | null;
}

/** A gateway with its listeners up. */
export interface RunningGateway {
  /** Addresses as clients write them. */
  readonly urls: readonly string[];
  /** Loads the configuration anew and stages it. */
  reload(): Promise<void>;
  /** Opens the log file anew, after it was rotated. */
  reopenLogs(): void;
  /** Drains and closes; resolves when the process may end. */
  stop(): Promise<void>;
}

/** Everything a command may touch of the world. */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** The command line of this program, to which arguments are added to run it once more. */
  readonly self: readonly string[];
  loadConfig(flags: Flags): Promise<LoadedConfig>;
  checkConfig(flags: Flags): Promise<CheckedConfig>;
  openStore(loaded: LoadedConfig): Promise<OpenStore>;
  openWorkshop(loaded: LoadedConfig): Promise<Workshop>;
  startGateway(loaded: LoadedConfig, options: ServeOptions): Promise<RunningGateway>;
  /** Asks a question that is answered with yes or no; null where nobody sits at a terminal. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  /** True in the one process of a gateway that speaks for it. */
  readonly isFirst: boolean;
  /**
   * Runs so many processes of this command line on these listeners and gives their exit code; null in one of them.
   */
  readonly supervise: ((count: number, listen: readonly string[]) => Promise<number>) | null;
  /** Runs `run` for each signal of that name; SIGHUP and SIGUSR2 alone. */
  onSignal(name: "SIGHUP" | "SIGUSR2", run: () => void): void;
}
