interface FindingKind {
  readonly severity: "error" | "warning";
  /** The rule of go behind it, as docs/errors.md prints it. */
  readonly meaning: string;
  /** What to do about it, where a finding has no command of its own. */
  readonly help: string;
}

/** What `modgate doctor` finds, the worst first. docs/errors.md is made from this table and tested equal to it. */
export const doctorFindingCodes = {
  MG1301: {
    severity: "error",
    meaning: "go cannot be run, or refuses every command with these settings.",
    help: "install go, or put it into PATH",
  },
  MG1302: {
    severity: "error",
    meaning:
      "go reads all of GOPROXY before it asks anybody: one entry that is no proxy keeps every download from starting, even where an earlier one would answer. Entries are https, http and file URLs, direct and off, in lower case, parted by , or |.",
    help: "go env -u GOPROXY",
  },
  MG1303: {
    severity: "error",
    meaning:
      "An empty line in the file of go env -w counts: it hides the value of $GOROOT/go.env, and go takes nothing in its place.",
    help: "go env -u takes the line away",
  },
  MG1304: {
    severity: "error",
    meaning:
      "Patterns of GOPRIVATE and its like are globs over prefixes of module paths, parted by commas, and are not trimmed: one that fits nothing leaves its modules public, and their names go to proxies and to the checksum database.",
    help: "write a module path, or a glob over one: it covers all below it",
  },
  MG1305: {
    severity: "error",
    meaning:
      "GONOPROXY keeps modules from proxies and not from the checksum database, which is asked for each of them by name. GOPRIVATE sets both.",
    help: "set GOPRIVATE, and GONOPROXY not at all",
  },
  MG1306: {
    severity: "error",
    meaning: "go sends no user name and password over plain http, not even to this machine, and stops there.",
    help: "use the https URL",
  },
  MG1307: {
    severity: "error",
    meaning:
      "A machine of a netrc fits a URL only where both are written with the same port: without it go sends no credentials, and the proxy says 401.",
    help: "write the machine with its port",
  },
  MG1308: {
    severity: "error",
    meaning:
      "GOTOOLCHAIN is local, auto, path, or a toolchain such as go1.26.0, with +auto or +path. With any other value every command fails but the one that sets it anew.",
    help: "go env -w GOTOOLCHAIN=local",
  },
  MG1309: {
    severity: "error",
    meaning:
      "GOSUMDB is off, a database that go knows, or NAME+HASH+KEY, each with a URL or without. With any other value no download is verified, so all of them fail.",
    help: "go env -u GOSUMDB",
  },
  MG1310: {
    severity: "error",
    meaning: "Caches of go are absolute paths, and the build cache cannot be switched off.",
    help: "go env -u GOMODCACHE GOCACHE",
  },
  MG1311: {
    severity: "error",
    meaning:
      "GOAUTH is off, or netrc, git with an absolute folder, and commands, parted by semicolons. go ends at the first https request where it is anything else.",
    help: "go env -w GOAUTH=netrc",
  },
  MG1312: {
    severity: "error",
    meaning:
      "SSL_CERT_FILE and SSL_CERT_DIR replace the system's certificates. Where nothing can be read there, go trusts nobody, and says x509: certificate signed by unknown authority.",
    help: "unset SSL_CERT_FILE SSL_CERT_DIR",
  },
  MG1320: {
    severity: "warning",
    meaning:
      "The environment goes before go env -w: a variable that is exported stays what it is, whatever is written with go env -w.",
    help: "unset the variable, and remove the line that exports it",
  },
  MG1321: {
    severity: "warning",
    meaning:
      "With GOENV=off go reads no settings of go env -w, and yet go env -w and go env -u change the default file: what they write shows when GOENV is no longer off.",
    help: "unset GOENV",
  },
  MG1322: {
    severity: "warning",
    meaning:
      "GOPROXY=off is about proxies: modules that GONOPROXY or GOPRIVATE covers still go direct to version control, and the checksum database is still asked.",
    help: "add GONOPROXY=none to keep go off the network, and GOFLAGS=-mod=vendor or GOSUMDB=off where it fits",
  },
  MG1323: {
    severity: "warning",
    meaning:
      "After | go asks the next entry on every failure, and of all errors it prints that of direct alone: an outage or a refusal of the proxy shows as `unrecognized import path`.",
    help: "write , before direct: version control is then asked only for what the proxy says is absent",
  },
  MG1324: {
    severity: "warning",
    meaning: "direct and off end the list of GOPROXY: what stands after them is never asked.",
    help: "put direct or off at the end",
  },
  MG1325: {
    severity: "warning",
    meaning:
      "A line of the file of go env -w counts where it starts with A to Z, and all behind the = is the value: go knows no export, no quotes, no blanks, no comments behind a value, and passes over other lines without a word.",
    help: "write the line with go env -w",
  },
  MG1326: {
    severity: "warning",
    meaning:
      "go reads HTTP_PROXY, NO_PROXY, SSL_CERT_FILE, GOENV and NETRC from the environment alone; a line for them in a file is without effect, although go env may print it.",
    help: "export the variable in the shell",
  },
  MG1327: {
    severity: "warning",
    meaning: "go has no such variable, and says nothing of those that it does not know.",
    help: "remove it, or correct its name",
  },
  MG1328: {
    severity: "warning",
    meaning:
      "GO111MODULE decides between modules and GOPATH: with off, and with auto outside of a module, nothing is ever downloaded and go.mod files are not read.",
    help: "go env -u GO111MODULE",
  },
  MG1329: {
    severity: "warning",
    meaning:
      "Toolchains are modules: where the patterns cover golang.org/toolchain, go asks no proxy for them and says `toolchain not available`.",
    help: "use narrower patterns",
  },
  MG1330: {
    severity: "warning",
    meaning:
      "With GOSUMDB=off nothing that go.sum does not name is verified, and toolchains cannot be downloaded at all: they are verified all the same.",
    help: "go env -u GOSUMDB; GOPRIVATE is for modules that the database must not know of",
  },
  MG1331: {
    severity: "warning",
    meaning:
      "go takes credentials of a netrc for https URLs alone, and never from its default entry; with GOAUTH=off not at all.",
    help: "write a machine line for the host and port of the URL",
  },
  MG1332: {
    severity: "warning",
    meaning:
      "GOINSECURE is for modules that are fetched direct: it neither makes go trust the certificate of a proxy nor keeps it from the checksum database.",
    help: "put the proxy's authority into SSL_CERT_FILE",
  },
  MG1333: {
    severity: "warning",
    meaning:
      "go goes through HTTP_PROXY and HTTPS_PROXY. It does not know ALL_PROXY, and with REQUEST_METHOD set, as in a CGI program, it refuses HTTP_PROXY.",
    help: "export HTTPS_PROXY",
  },
  MG1334: {
    severity: "warning",
    meaning:
      "go env says otherwise than the environment and the files from which go takes its settings: a wrapper is between, or go has changed to another toolchain.",
    help: "type -a go shows what runs",
  },
} as const satisfies Record<string, FindingKind>;

export type DoctorFindingCode = keyof typeof doctorFindingCodes;
