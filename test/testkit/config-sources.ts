import type { ConfigSources, GoEnv } from "../../src/config/config-sources.ts";

interface FakeSources extends Partial<Omit<ConfigSources, "readFile" | "goEnv">> {
  /** Files by absolute path; an Error is thrown on reading. */
  readonly files?: Readonly<Record<string, string | Uint8Array | Error>>;
  /** Null: there is no go command. */
  readonly goEnv?: Partial<GoEnv> | null;
}

/** Sources without a machine behind them: no environment, an empty disk, and a go command with example upstreams. */
export function fakeSources(parts: FakeSources = {}): ConfigSources {
  const files = parts.files ?? {};
  return {
    flags: {},
    env: {},
    cwd: "/desk",
    homedir: "/home/dev",
    ownHosts: ["gateway.example"],
    ...parts,
    readFile: (path) => {
      const content = files[path];
      if (content instanceof Error) return Promise.reject(content);
      if (content === undefined) return Promise.resolve(null);
      return Promise.resolve(typeof content === "string" ? new TextEncoder().encode(content) : content);
    },
    goEnv: () => {
      if (parts.goEnv === null) return Promise.reject(Object.assign(new Error("spawn go ENOENT"), { code: "ENOENT" }));
      return Promise.resolve({
        GOPROXY: "https://goproxy.example,direct",
        GOSUMDB: "sum.golang.org",
        GOPRIVATE: "",
        GONOPROXY: "",
        GONOSUMDB: "",
        ...parts.goEnv,
      });
    },
  };
}
