/** What `go env` says of the variables that modgate takes defaults from. */
export interface GoEnv {
  readonly GOPROXY: string;
  readonly GOSUMDB: string;
  readonly GOPRIVATE: string;
  readonly GONOPROXY: string;
  readonly GONOSUMDB: string;
}

/** Flags by name without dashes, as `cache-max-size`; a list where a flag stood more than once. */
export type Flags = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Everything a configuration is made from. systemSources() is the real one. */
export interface ConfigSources {
  readonly flags: Flags;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current folder, absolute. */
  readonly cwd: string;
  /** The user's home; "" where there is none. */
  readonly homedir: string;
  /** The content of a file; null where there is none. Other failures are node's own errors. */
  readonly readFile: (path: string) => Promise<Uint8Array | null>;
  /** Asks the go command; rejects where it cannot be run. */
  readonly goEnv: (goCommand: string) => Promise<GoEnv>;
  /** Addresses and names of this machine, for recognising a chain that leads back to it. */
  readonly ownHosts: readonly string[];
}
