/** A variable that decides what go downloads, from where, and where it puts it. */
export interface GoVariable {
  readonly name: string;
  /**
   * `go`: read from the environment, else the file of `go env -w`, else `$GOROOT/go.env`. `process`: read from the
   * environment alone, a line in a file is without effect.
   */
  readonly scope: "go" | "process";
  /** Other spellings in the environment, asked in this order after the name itself. */
  readonly aliases?: readonly string[];
}

/** Every variable that the doctor explains, in the order of its report. */
export const goVariables: readonly GoVariable[] = [
  { name: "GOPROXY", scope: "go" },
  { name: "GOPRIVATE", scope: "go" },
  { name: "GONOPROXY", scope: "go" },
  { name: "GONOSUMDB", scope: "go" },
  { name: "GOSUMDB", scope: "go" },
  { name: "GOINSECURE", scope: "go" },
  { name: "GOVCS", scope: "go" },
  { name: "GOAUTH", scope: "go" },
  { name: "GOFLAGS", scope: "go" },
  { name: "GO111MODULE", scope: "go" },
  { name: "GOWORK", scope: "go" },
  { name: "GOTOOLCHAIN", scope: "go" },
  { name: "GOROOT", scope: "go" },
  { name: "GOPATH", scope: "go" },
  { name: "GOMODCACHE", scope: "go" },
  { name: "GOCACHE", scope: "go" },
  { name: "GOOS", scope: "go" },
  { name: "GOARCH", scope: "go" },
  { name: "GOENV", scope: "process" },
  { name: "HTTP_PROXY", scope: "process", aliases: ["http_proxy"] },
  { name: "HTTPS_PROXY", scope: "process", aliases: ["https_proxy"] },
  { name: "NO_PROXY", scope: "process", aliases: ["no_proxy"] },
  { name: "SSL_CERT_FILE", scope: "process" },
  { name: "SSL_CERT_DIR", scope: "process" },
  { name: "NETRC", scope: "process" },
];
