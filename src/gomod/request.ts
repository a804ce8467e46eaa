/**
 * What a path of the module proxy protocol asks for. `key` is the place of the answer in the file
 * tree; `escapedModule` is the module path as the protocol writes it.
 * https://go.dev/ref/mod#goproxy-protocol
 */
export type GoRequest =
  | { readonly kind: "list" | "latest"; readonly module: string; readonly escapedModule: string; readonly key: string }
  | {
      readonly kind: "info" | "mod" | "zip";
      readonly module: string;
      readonly escapedModule: string;
      /** Canonical, so its files never change. */
      readonly version: string;
      readonly key: string;
    }
  | {
      /** `.info` of a branch, commit, `latest`, `v1` …: the answer changes with time. */
      readonly kind: "query";
      readonly module: string;
      readonly escapedModule: string;
      readonly query: string;
      readonly key: string;
    }
  | {
      readonly kind: "sumdb";
      /** Name of the checksum database, with its path where it has one. */
      readonly name: string;
      readonly op: "supported" | "latest" | "lookup" | "tile";
      /** What follows the op, as it was asked: `MODULE@VERSION` escaped, or a tile path; "" for the others. */
      readonly rest: string;
      /** The module of a lookup, unescaped; null for the other ops. */
      readonly module: string | null;
      readonly version: string | null;
      readonly key: string;
    }
  | {
      readonly kind: "vulndb";
      /** The file of the vulnerability database, such as `index/db.json`, without `.gz`. */
      readonly path: string;
      readonly isGzip: boolean;
      readonly module: null;
      readonly key: string;
    }
  | { readonly kind: "index"; readonly sinceMs: number; readonly limit: number }
  | {
      readonly kind: "go-get";
      /** "" for the root of the host that was asked. */
      readonly importPath: string;
    };
