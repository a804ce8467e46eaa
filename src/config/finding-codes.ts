interface FindingKind {
  /** An error keeps the configuration from being served. */
  readonly severity: "error" | "warning";
  /** What it means, as docs/errors.md prints it. */
  readonly meaning: string;
  /** What to do about it. */
  readonly help: string;
}

/** What `modgate config check` finds. docs/errors.md is made from this table and tested equal to it. */
export const configFindingCodes = {
  MG1100: {
    severity: "error",
    meaning: "A value of the configuration is wrong, or a key is no setting.",
    help: "the message names the place and what would be right; docs/config.md has every setting with an example",
  },
  MG1101: {
    severity: "error",
    meaning:
      "A rule is written for the paths of requests (a URL, a regular expression, a file such as .info) and would cut single files out of allowed modules.",
    help: "write a module path, or a glob over one as in GOPRIVATE; a rule decides on whole modules",
  },
  MG1102: {
    severity: "error",
    meaning: "A pattern can never fit a module path, so what it should cover is not covered.",
    help: "patterns are globs over path prefixes as in GOPRIVATE: no spaces, no scheme, no /... at the end",
  },
  MG1103: {
    severity: "warning",
    meaning: "A pattern of GOPRIVATE can never fit a module path: go, too, takes these modules for public.",
    help: "correct GOPRIVATE, or say --private",
  },
  MG1104: {
    severity: "warning",
    meaning: "A rule is never reached, because an earlier one fits every module that it fits.",
    help: "move it before the earlier rule, or remove it: the first rule that fits decides",
  },
  MG1105: {
    severity: "error",
    meaning: "A rule names an upstream that the configuration does not have.",
    help: "use a name below upstreams:, or the host of an upstream of the chain",
  },
  MG1106: {
    severity: "warning",
    meaning: "There are private modules, and no upstream may serve them.",
    help: "end the chain with direct, or mark the upstream that has them with private: true",
  },
  MG1107: {
    severity: "warning",
    meaning: "Credentials travel over plain http, where everyone on the way reads them. go refuses to do so.",
    help: "use the https URL",
  },
  MG1108: {
    severity: "error",
    meaning: "notFound has a status that means trouble. Told that a module is absent, go walks around the gateway.",
    help: "take it out; notFound is for an upstream that says 401 or 403 where it means 404",
  },
  MG1109: {
    severity: "error",
    meaning: "The upstream chain leads back to this gateway.",
    help: "GOPROXY= modgate serve, or modgate serve --upstream 'URL,direct' with the real upstream",
  },
  MG1110: {
    severity: "warning",
    meaning:
      "|direct asks version control after every failure of the upstream before it, an outage and a refusal included; its error then stands in for the real one.",
    help: "write ,direct: version control is then asked only for what the upstream says is absent",
  },
  MG1111: {
    severity: "error",
    meaning: "A certificate is set without its key, or a key without its certificate.",
    help: "set both",
  },
  MG1112: {
    severity: "error",
    meaning: "A file that the configuration names cannot be read, or is no PEM file where one is wanted.",
    help: "check the path and its permissions; relative paths start at the folder of the configuration file",
  },
  MG1113: {
    severity: "warning",
    meaning: "A variable of the environment starts with MODGATE_ and is no setting.",
    help: "check its spelling: docs/config.md has the variable of every setting",
  },
  MG1114: {
    severity: "warning",
    meaning: "Upstreams stand after direct or off, which end the chain: they are never asked.",
    help: "put direct or off at the end",
  },
  MG1115: {
    severity: "warning",
    meaning: "An entry below upstreams: is neither in the chain nor named by a rule.",
    help: "add its name to upstream:, or remove it",
  },
  MG1116: {
    severity: "warning",
    meaning: "GONOPROXY or GONOSUMDB names modules that are not private here: their names go to public upstreams.",
    help: "add them to private: or to GOPRIVATE",
  },
  MG1117: {
    severity: "warning",
    meaning: "golang.org/toolchain is private here, so go cannot download toolchains through this gateway.",
    help: "use narrower patterns in private:",
  },
  MG1118: {
    severity: "warning",
    meaning: "upstreamDefaults: has credentials, which every upstream of the chain is then sent.",
    help: "set them on the upstream they are for",
  },
  MG1119: {
    severity: "warning",
    meaning: "Settings of a part are set that is not switched on.",
    help: "set webhook.url or confirm.patterns, or remove the others",
  },
  MG1120: {
    severity: "warning",
    meaning: "The rules deny every module.",
    help: "put the rules that allow modules before the one that denies all",
  },
  MG1121: {
    severity: "error",
    meaning: "An address stands twice in listen:.",
    help: "remove one",
  },
  MG1122: {
    severity: "error",
    meaning: "A rule blocks vulnerable versions, and vulndb.source names no vulnerability database.",
    help: "set vulndb.source to the URL of a mirror or to a folder",
  },
} as const satisfies Record<string, FindingKind>;

export type ConfigFindingCode = keyof typeof configFindingCodes;
