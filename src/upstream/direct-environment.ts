/** Where `direct` keeps what is its own, below one folder. */
export interface DirectFolders {
  readonly root: string;
  /** Working directory, with a go.mod of its own so that none further up counts. */
  readonly work: string;
  readonly modCache: string;
}

/** The folders below `root`. */
export function directFolders(root: string): DirectFolders {
  return { root, work: `${root}/work`, modCache: `${root}/mod` };
}

/**
 * The environment of a `go` process: the operator's, in which credentials are found as they are at a
 * terminal, and over it what makes the run ours: modules from version control alone, no question asked,
 * English messages, no other toolchain, no checksum database (the gateway checks what it serves itself).
 */
export function directEnvironment(
  operator: Readonly<Record<string, string>>,
  folders: DirectFolders,
): Record<string, string> {
  const hasSsh = operator["GIT_SSH"] !== undefined || operator["GIT_SSH_COMMAND"] !== undefined;
  return {
    ...operator,
    GOPROXY: "direct",
    GONOPROXY: "none",
    GOSUMDB: "off",
    GOMODCACHE: folders.modCache,
    GOPATH: `${folders.root}/gopath`,
    GOCACHE: `${folders.root}/build`,
    GOFLAGS: "-modcacherw -mod=mod",
    GO111MODULE: "on",
    GOWORK: "off",
    GOTOOLCHAIN: "local",
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GCM_INTERACTIVE: "never",
    SSH_ASKPASS_REQUIRE: "never",
    ...(hasSsh ? {} : { GIT_SSH_COMMAND: "ssh -o BatchMode=yes -o ControlMaster=no" }),
  };
}
