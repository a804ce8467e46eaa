/** A setting that does not do what people set it for, and what the doctor must say of it. */
export interface SettingTrap {
  readonly code: string;
  readonly what: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Below the home. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the findings' messages and places must name. */
  readonly names: readonly string[];
  /** The command that it gives. */
  readonly help: string | RegExp;
  /** False where the command opens an editor, or the shell cannot tell. */
  readonly isMended?: boolean;
}

const envFile = ".config/go/env";
const proxy = "https://proxy.corp.example";

/** One or more of each kind. */
export const settingTraps: readonly SettingTrap[] = [
  {
    code: "MG1320",
    what: "set with go env -w, and exported by a line of ~/.bashrc",
    env: { GOPROXY: `${proxy},direct` },
    files: { [envFile]: "GOPROXY=https://other.corp.example\n", ".bashrc": `# rc\nexport GOPROXY=${proxy},direct\n` },
    names: ["~/.config/go/env:1", "exported by ~/.bashrc:2", "https://other.corp.example"],
    help: "sed -i.bak 2d ~/.bashrc && unset GOPROXY",
  },
  {
    code: "MG1320",
    what: "set with go env -w, and exported by fish",
    env: { GOPROXY: proxy, SHELL: "/usr/bin/fish" },
    files: { [envFile]: "GOPROXY=off\n", ".config/fish/config.fish": `set -gx GOPROXY ${proxy}\n` },
    names: ["~/.config/fish/config.fish:1"],
    help: "sed -i.bak 1d ~/.config/fish/config.fish && set -e GOPROXY",
    isMended: false,
  },
  {
    code: "MG1320",
    what: "set with go env -w, and set in the environment by nobody knows whom",
    env: { GONOSUMDB: "a.example" },
    files: { [envFile]: "GONOSUMDB=b.example\n" },
    names: ["no start-up file"],
    help: "unset GONOSUMDB",
  },
  {
    code: "MG1321",
    what: "GOENV=off with settings in the default file",
    env: { GOENV: "off" },
    files: { [envFile]: "GOPROXY=off\n" },
    names: ["~/.config/go/env", "GOPROXY"],
    help: "unset GOENV",
  },
  {
    code: "MG1303",
    what: "go env -w GOPROXY= masks the default",
    files: { [envFile]: "GOPROXY=\n" },
    names: ["~/.config/go/env:1", "hides"],
    help: "go env -u GOPROXY",
  },
  {
    code: "MG1304",
    what: "GOPRIVATE=x/... fits nothing",
    files: { [envFile]: "GOPRIVATE=git.corp.example/...\n" },
    names: ["git.corp.example/...", "~/.config/go/env:1"],
    help: "go env -w GOPRIVATE=git.corp.example",
  },
  {
    code: "MG1304",
    what: "`a, b`: the second fits nothing",
    env: { GOPRIVATE: "a.example, b.example" },
    names: ['" b.example"', "environment"],
    help: "export GOPRIVATE=a.example,b.example",
  },
  {
    code: "MG1305",
    what: "GONOPROXY alone leaks names to the checksum database",
    env: { GONOPROXY: "git.corp.example" },
    names: ["git.corp.example"],
    help: "export GOPRIVATE=git.corp.example",
  },
  {
    code: "MG1305",
    what: "GONOSUMDB=none takes the protection of GOPRIVATE away",
    files: { [envFile]: "GOPRIVATE=git.corp.example\nGONOSUMDB=none\n" },
    names: ["GONOSUMDB (~/.config/go/env:2)"],
    help: "go env -w GONOSUMDB=git.corp.example",
  },
  {
    code: "MG1322",
    what: "GOPROXY=off still lets private modules go direct",
    env: { GOPROXY: "off", GOPRIVATE: "git.corp.example" },
    names: ["git.corp.example"],
    help: "export GONOPROXY=none",
  },
  {
    code: "MG1323",
    what: "P1|direct hides the error of P1",
    env: { GOPROXY: `${proxy}|direct` },
    names: [proxy],
    help: `export GOPROXY=${proxy},direct`,
  },
  {
    code: "MG1323",
    what: "the same with a password in the URL",
    env: { GOPROXY: "https://joe:s3cret@proxy.corp.example|direct" },
    names: ["https://***@proxy.corp.example"],
    help: `export GOPROXY="$(go env GOPROXY | sed 's/|direct/,direct/')"`,
  },
  {
    code: "MG1324",
    what: "an entry behind direct",
    files: { [envFile]: `GOPROXY=direct,${proxy}\n` },
    names: [proxy],
    help: "go env -w GOPROXY=direct",
  },
  {
    code: "MG1302",
    what: "Direct in upper case spoils the list",
    env: { GOPROXY: `${proxy},Direct` },
    names: ["lower case"],
    help: `export GOPROXY=${proxy},direct`,
  },
  {
    code: "MG1302",
    what: "an entry that is no proxy",
    env: { GOPROXY: `${proxy},fallback://x:s3cret@y` },
    names: ["fallback"],
    help: "unset GOPROXY",
  },
  {
    code: "MG1306",
    what: "credentials over plain http",
    env: { GOPROXY: "http://joe:s3cret@proxy.corp.example:8080/go,direct" },
    names: ["http://***@proxy.corp.example:8080"],
    help: /^export GOPROXY="\$\(go env GOPROXY \| sed /,
  },
  {
    code: "MG1307",
    what: "netrc without the port",
    env: { GOPROXY: `${proxy}:8443` },
    files: { ".netrc": "machine proxy.corp.example login joe password s3cret\n" },
    names: ["proxy.corp.example:8443", "~/.netrc:1"],
    help: "sed -i.bak '1s/machine  *proxy.corp.example/machine proxy.corp.example:8443/' ~/.netrc",
  },
  {
    code: "MG1331",
    what: "the default entry of a netrc",
    env: { GOPROXY: proxy },
    files: { ".netrc": "default login joe password s3cret\n" },
    names: ["~/.netrc:1"],
    help: "sed -i.bak '1s/default/machine proxy.corp.example/' ~/.netrc",
  },
  {
    code: "MG1331",
    what: "netrc for a proxy of plain http",
    env: { GOPROXY: "http://proxy.corp.example" },
    files: { ".netrc": "machine proxy.corp.example\nlogin joe\npassword s3cret\n" },
    names: ["plain http"],
    help: /^export GOPROXY=/,
  },
  {
    code: "MG1308",
    what: "GOTOOLCHAIN=bogus",
    files: { [envFile]: "GOTOOLCHAIN=bogus\n" },
    names: ["bogus"],
    help: "go env -w GOTOOLCHAIN=local",
  },
  {
    code: "MG1309",
    what: "a GOSUMDB that is none",
    env: { GOSUMDB: "sum.corp.example" },
    names: ["sum.corp.example"],
    help: "unset GOSUMDB",
  },
  {
    code: "MG1310",
    what: "GOCACHE=off",
    env: { GOCACHE: "off" },
    names: ["GOCACHE"],
    help: "unset GOCACHE",
  },
  {
    code: "MG1310",
    what: "a relative GOMODCACHE",
    env: { GOMODCACHE: "mod" },
    names: ['"mod"'],
    help: "unset GOMODCACHE",
  },
  {
    code: "MG1311",
    what: "GOAUTH=off with others",
    env: { GOAUTH: "off;command --token s3cret" },
    names: ["command ***"],
    help: "export GOAUTH=netrc",
  },
  {
    code: "MG1312",
    what: "an SSL_CERT_FILE that is not there",
    env: { SSL_CERT_FILE: "/nonexistent/ca.pem" },
    names: ["/nonexistent/ca.pem"],
    help: "unset SSL_CERT_FILE",
  },
  {
    code: "MG1325",
    what: "an export in the file of go env -w",
    files: { [envFile]: "export GOPRIVATE=git.corp.example\n" },
    names: ["~/.config/go/env:1"],
    help: "go env -w GOPRIVATE=git.corp.example",
    isMended: false,
  },
  {
    code: "MG1325",
    what: "quotes in the file of go env -w",
    files: { [envFile]: 'GOFLAGS="-mod=mod"\n' },
    names: ["quotes"],
    help: "go env -w GOFLAGS=-mod=mod",
  },
  {
    code: "MG1326",
    what: "HTTPS_PROXY in the file of go env -w",
    files: { [envFile]: "HTTPS_PROXY=http://joe:s3cret@127.0.0.1:3128\n" },
    names: ["http://***@127.0.0.1:3128"],
    help: 'export HTTPS_PROXY="$(go env HTTPS_PROXY)"',
    isMended: false,
  },
  {
    code: "MG1327",
    what: "GONOSUMCHECK",
    env: { GONOSUMCHECK: "1" },
    names: ["GONOSUMDB"],
    help: "unset GONOSUMCHECK",
  },
  {
    code: "MG1328",
    what: "GO111MODULE=off",
    files: { [envFile]: "GO111MODULE=off\n" },
    names: ["GOPATH mode"],
    help: "go env -u GO111MODULE",
  },
  {
    code: "MG1328",
    what: "GO111MODULE=auto outside of a module",
    env: { GO111MODULE: "auto" },
    names: ["auto"],
    help: "unset GO111MODULE",
  },
  {
    code: "MG1301",
    what: "a flag that go does not know",
    files: { [envFile]: "GOFLAGS=-nosuch\n" },
    names: ["unknown flag -nosuch"],
    help: "go env -u GOFLAGS",
  },
  {
    code: "MG1301",
    what: "a GO111MODULE that go does not know",
    env: { GO111MODULE: "yes" },
    names: ["GO111MODULE=yes"],
    help: "unset GO111MODULE",
  },
  {
    code: "MG1329",
    what: "GOPRIVATE covers the toolchains",
    env: { GOPRIVATE: "golang.org,git.corp.example", GOTOOLCHAIN: "auto" },
    names: ["golang.org/toolchain"],
    help: "export GOPRIVATE=git.corp.example",
  },
  {
    code: "MG1330",
    what: "GOSUMDB=off",
    env: { GOSUMDB: "off" },
    names: ["GOSUMDB"],
    help: "unset GOSUMDB",
  },
  {
    code: "MG1332",
    what: "GOINSECURE for a proxy",
    env: { GOPROXY: proxy, GOINSECURE: "*.corp.example" },
    names: ["proxy.corp.example"],
    help: "unset GOINSECURE",
  },
  {
    code: "MG1333",
    what: "ALL_PROXY",
    env: { ALL_PROXY: "http://joe:s3cret@127.0.0.1:3128" },
    names: ["ALL_PROXY", "http://***@127.0.0.1:3128"],
    help: 'export HTTPS_PROXY="$ALL_PROXY" HTTP_PROXY="$ALL_PROXY"',
  },
];
