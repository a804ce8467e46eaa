import type { Refusal } from "./verdict.ts";

interface ProblemKind {
  readonly verdict: Refusal;
  /** The HTTP status where the throwing place names no other. */
  readonly status: number;
  /** What it means, as docs/errors.md prints it. */
  readonly meaning: string;
  /** What the reader can do next, where the throwing place knows nothing better. */
  readonly hint: string;
}

/** Every expected failure of modgate. docs/errors.md is made from this table and tested equal to it. */
export const problemCodes = {
  NOT_A_GO_REQUEST: {
    verdict: "invalid",
    status: 400,
    meaning: "The path is no request of the module proxy protocol.",
    hint: "ask /MODULE/@v/list, /MODULE/@v/VERSION.info|.mod|.zip or /MODULE/@latest",
  },
  INVALID_MODULE_PATH: {
    verdict: "invalid",
    status: 400,
    meaning: "The module path, or its escaping, breaks the rules of golang.org/x/mod/module.",
    hint: "write upper-case letters as ! and the lower-case letter, and check the spelling of the import path",
  },
  INVALID_VERSION: {
    verdict: "invalid",
    status: 400,
    meaning: "The version is not canonical where only a canonical one has files.",
    hint: "ask /@v/QUERY.info first: its answer names the canonical version",
  },
  INVALID_QUERY: {
    verdict: "invalid",
    status: 400,
    meaning: "A query parameter or header has a value outside its range.",
    hint: "see docs/protocol.md for the parameters of each endpoint",
  },
  METHOD_NOT_ALLOWED: {
    verdict: "invalid",
    status: 405,
    meaning: "The module proxy protocol knows GET and HEAD alone.",
    hint: "use GET or HEAD",
  },
  UNKNOWN_UPSTREAM: {
    verdict: "invalid",
    status: 400,
    meaning: "X-Go-Proxy-Upstream names an upstream that the configuration does not have.",
    hint: "use a name or host that `modgate config explain upstream` prints",
  },
  MODULE_ABSENT: {
    verdict: "absent",
    status: 404,
    meaning: "Every upstream asked has answered that it does not exist.",
    hint: "check the module path and version; a private module belongs under private: with an upstream direct",
  },
  MODULE_GONE: {
    verdict: "absent",
    status: 410,
    meaning: "An upstream said Gone, or it was served here once and every upstream now proves it gone.",
    hint: "choose another version, or pin what the cache still has with `modgate cache pin`",
  },
  NOT_IN_CACHE: {
    verdict: "absent",
    status: 404,
    meaning: "The request asked for the cache alone (or the gateway is offline), and the cache does not have it.",
    hint: "bring it in with `modgate cache prefetch` or `modgate cache import`, or ask without /cached-only",
  },
  DENIED_BY_RULE: {
    verdict: "denied",
    status: 403,
    meaning: "A rule of this gateway denies the module.",
    hint: "`modgate explain MODULE@VERSION` names the rule",
  },
  DENIED_BY_HOOK: {
    verdict: "denied",
    status: 403,
    meaning: "The validation webhook denies the version, or does not answer and fails closed.",
    hint: "the reason above is the hook's own; ask the team that runs it",
  },
  VERSION_RECALLED: {
    verdict: "denied",
    status: 403,
    meaning: "An operator of this gateway has recalled the version; the reason is theirs.",
    hint: "choose another version; `modgate cache recalls` lists what is recalled, `modgate cache unrecall` takes it back",
  },
  VERSION_VULNERABLE: {
    verdict: "denied",
    status: 403,
    meaning:
      "The vulnerability database has an entry for the version, a later version fixes it, and a rule blocks those.",
    hint: "take the fixed version; an operator lets an entry pass with `vulndb: {accepted: [GO-…]}`",
  },
  VERSION_TOO_YOUNG: {
    verdict: "denied",
    status: 403,
    meaning: "The version has not been known for as long as a rule, or the client's own GOPROXY, wants.",
    hint: "take an older version until then; an operator lets a version through with `fastLane: [MODULE@VERSION]`",
  },
  VERSION_AFTER_VIEW: {
    verdict: "denied",
    status: 403,
    meaning: "The query means a version that was not known at the moment that /asof/ asks for.",
    hint: "ask for a later moment, or name a version that was known by then",
  },
  NO_VERSION_LEFT: {
    verdict: "denied",
    status: 403,
    meaning: "Every version that the query could mean is held back here, or retracted by one that is.",
    hint: "name the version that you want: its own refusal says why it is held",
  },
  PRIVATE_NAME: {
    verdict: "denied",
    status: 403,
    meaning: "A private module path never leaves for a public upstream or the checksum database.",
    hint: "set GONOSUMDB (or GOPRIVATE with GONOPROXY=none) for this path on the client",
  },
  UPSTREAM_NOT_ALLOWED: {
    verdict: "denied",
    status: 403,
    meaning: "The rule for this module does not allow the upstream that X-Go-Proxy-Upstream asked for.",
    hint: "leave the header out, or allow the upstream in the rule for this module",
  },
  UPSTREAM_DENIED: {
    verdict: "denied",
    status: 403,
    meaning: "An upstream answered 401 or 403, which proves nothing about existence.",
    hint: "if that upstream says so where it means 404, set notFound: [403] on it; else give it credentials",
  },
  UPSTREAM_UNREACHABLE: {
    verdict: "unreachable",
    status: 502,
    meaning: "No upstream could be asked, or what they answered is an outage. 504 where time ran out.",
    hint: "try again; `modgate smoke URL` shows which upstream fails",
  },
  BREAKER_OPEN: {
    verdict: "unreachable",
    status: 503,
    meaning: "The upstream failed lately and is not asked again before Retry-After.",
    hint: "try again after Retry-After",
  },
  UPSTREAM_LOOP: {
    verdict: "unreachable",
    status: 502,
    meaning: "The upstream chain leads back to this gateway.",
    hint: "start modgate with --upstream, or without this gateway in its own GOPROXY: GOPROXY= modgate serve",
  },
  UPSTREAM_DAMAGED: {
    verdict: "damaged",
    status: 502,
    meaning: "An upstream answered 200 with something that is not what was asked: a login page, half a zip, no JSON.",
    hint: "ask that upstream for the same path with curl to see what it sends; nothing of it was cached",
  },
  SUMDB_UNKNOWN: {
    verdict: "denied",
    status: 403,
    meaning: "The checksum database does not know the version, so nothing can prove its files.",
    hint: "a private module belongs under private:; a public one must be where the checksum database can fetch it",
  },
  SUMDB_MISMATCH: {
    verdict: "damaged",
    status: 502,
    meaning: "The file is not what the checksum database has recorded for this version.",
    hint: "do not use it: the upstream serves other bytes than everybody else got; compare both hashes with a second source",
  },
  FIRST_SEEN_MISMATCH: {
    verdict: "damaged",
    status: 502,
    meaning: "The file is not the one that was served when this version was first asked for here.",
    hint: "find out why the version has changed; if it is right, forget the old one: modgate cache forget MODULE@VERSION",
  },
  SUMDB_DAMAGED: {
    verdict: "damaged",
    status: 502,
    meaning: "The answer of the checksum database is not signed by its key, or not part of its signed tree.",
    hint: "ask the database for the same path with curl to see what comes; something on the way may have changed it",
  },
  SUMDB_FORK: {
    verdict: "damaged",
    status: 502,
    meaning: "The checksum database has signed two histories that exclude each other; nothing is looked up any more.",
    hint: "keep the evidence, tell whoever runs the database, and clear it here only when you know which one is true",
  },
  STORE_FAILED: {
    verdict: "unreachable",
    status: 503,
    meaning: "The data folder could not be read or written: disk full, permissions, a lost mount.",
    hint: "check free space and permissions of the data folder of the gateway",
  },
  OVERLOADED: {
    verdict: "unreachable",
    status: 503,
    meaning: "More waits to be verified than this gateway can hash in time.",
    hint: "try again in a moment; more cores or another instance take more",
  },
  CLIENT_GONE: {
    verdict: "invalid",
    status: 499,
    meaning: "The client went away before the answer was ready; the fetch it started goes on for the others.",
    hint: "nothing to do here; the client's own timeout may be shorter than the upstream is slow",
  },
  SHUTTING_DOWN: {
    verdict: "unreachable",
    status: 503,
    meaning: "The gateway is draining and takes no new work.",
    hint: "try again; another instance answers",
  },
  GO_FAILED: {
    verdict: "invalid",
    status: 400,
    meaning: "The go command that modgate needs is missing, or failed.",
    hint: "install go, or put it in PATH; `go env` shows whether it works",
  },
  INTERNAL: {
    verdict: "unreachable",
    status: 500,
    meaning: "A bug in modgate. The log has the stack under the request id.",
    hint: "report it with the request id",
  },
  CONFIG_INVALID: {
    verdict: "invalid",
    status: 400,
    meaning: "A file, variable or flag of the configuration is wrong; the message names the place.",
    hint: "`modgate config check` lists everything that is wrong; docs/config.md has every setting",
  },
  USAGE: {
    verdict: "invalid",
    status: 400,
    meaning: "The command line is wrong.",
    hint: "add --help to the command",
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemCodes;
