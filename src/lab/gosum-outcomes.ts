import { subject } from "./gosum-scene.ts";

/** What one run of go left behind: all that its outcome is told by. */
export interface RunEvidence {
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Paths that the proxy was asked for. */
  readonly askedProxy: readonly string[];
  /** Paths that the checksum database was asked for. */
  readonly askedDatabase: readonly string[];
  /** Lines that go.sum has after the run and had not before. */
  readonly addedLines: readonly string[];
}

/** What go did, and what whoever sees it should do. */
export interface GosumOutcome {
  /** Its name, such as mismatch-cached. */
  readonly outcome: string;
  /** What go did, in words that follow "go". */
  readonly did: string;
  /** What to do, in whole sentences. */
  readonly advice: string;
  /** The one command to type; null where nothing is to be done. */
  readonly command: string | null;
}

interface OutcomeRule extends GosumOutcome {
  readonly fits: (run: RunEvidence) => boolean;
}

// A folder without go.mod has no go.sum, so go asks the database about what it downloads or finds in its cache.
const askDatabase = `cd "$(mktemp -d)" && GOSUMDB=sum.golang.org go mod download -json ${subject.name}`;
const addLines = `go mod download ${subject.name}`;

const isBuilt = ({ exitCode }: RunEvidence): boolean => exitCode === 0;
const hasAdded = ({ addedLines }: RunEvidence): boolean => addedLines.length > 0;
const hasAskedDatabase = ({ askedDatabase }: RunEvidence): boolean => askedDatabase.length > 0;
const hasFetchedZip = ({ askedProxy }: RunEvidence): boolean => askedProxy.some((path) => path.endsWith(".zip"));

const keepLines = "Commit the new lines: every later build is held to these bytes.";
const doubtLines =
  "Nobody has vouched for the new lines, and from now on every build believes them. Before you commit them, ask the " +
  "database in a folder that has no go.sum: it fails with SECURITY ERROR where the bytes are not the public ones, " +
  "else Sum is what go.sum should have.";
const settleMismatch =
  "Either the line in go.sum is wrong or the bytes are, and a third party tells which; deleting the line would only " +
  "hide it. Ask the database in a folder that has no go.sum. Where it answers with a Sum, that is the right hash for " +
  "go.sum; where it fails with SECURITY ERROR, the bytes are wrong: modgate audit-cache --repair mends the cache, and whoever runs the proxy should know.";

// The first that fits tells the outcome.
const rules: readonly OutcomeRule[] = [
  {
    outcome: "added-proved",
    did: "downloads the module, asks the database, adds the lines to go.sum and builds",
    advice: keepLines,
    command: "git add go.sum",
    fits: (run) => isBuilt(run) && hasAdded(run) && hasAskedDatabase(run) && hasFetchedZip(run),
  },
  {
    outcome: "added-proved-cached",
    did: "takes the module from the cache, asks the database, adds the lines to go.sum and builds",
    advice: keepLines,
    command: "git add go.sum",
    fits: (run) => isBuilt(run) && hasAdded(run) && hasAskedDatabase(run),
  },
  {
    outcome: "added-unproved",
    did: "downloads the module, asks nobody about it, adds the lines to go.sum and builds",
    advice: doubtLines,
    command: askDatabase,
    fits: (run) => isBuilt(run) && hasAdded(run) && hasFetchedZip(run),
  },
  {
    outcome: "added-unproved-cached",
    did: "takes the module from the cache, asks nobody about it, adds the lines to go.sum and builds",
    advice: doubtLines,
    command: askDatabase,
    fits: (run) => isBuilt(run) && hasAdded(run),
  },
  {
    outcome: "matched",
    did: "downloads the module, finds it equal to go.sum and builds; the database is not asked",
    advice: "There is nothing to do.",
    command: null,
    fits: (run) => isBuilt(run) && hasFetchedZip(run) && !hasAskedDatabase(run),
  },
  {
    outcome: "matched-cached",
    did: "finds the module in the cache equal to go.sum and builds; nobody is asked",
    advice: "There is nothing to do.",
    command: null,
    fits: (run) => isBuilt(run) && !hasFetchedZip(run) && !hasAskedDatabase(run),
  },
  {
    outcome: "database-mismatch",
    did: "refuses the module: it is not what the database has recorded",
    advice:
      "The bytes are wrong, whoever sent them. Do not switch GOSUMDB off. modgate audit-cache --repair mends the cache; ask the database what is right.",
    command: askDatabase,
    fits: ({ stderr }) => stderr.includes("SECURITY ERROR") && stderr.includes("reported by the checksum server"),
  },
  {
    outcome: "mismatch",
    did: "downloads the module and refuses it: it is not what go.sum has recorded",
    advice: settleMismatch,
    command: askDatabase,
    fits: (run) => run.stderr.includes("SECURITY ERROR") && hasFetchedZip(run),
  },
  {
    outcome: "mismatch-cached",
    did: "refuses what is in the cache: it is not what go.sum has recorded",
    advice: settleMismatch,
    command: askDatabase,
    fits: ({ stderr }) => stderr.includes("SECURITY ERROR"),
  },
  {
    outcome: "missing-line",
    did: "stops, because go.sum has no line for the module, and asks nobody: -mod=readonly never adds one",
    advice:
      "Add the lines and commit them. The command takes the module from the cache or the proxy, and asks the database " +
      "unless GOSUMDB is off.",
    command: addLines,
    fits: ({ stderr }) => stderr.includes("missing go.sum entry"),
  },
  {
    outcome: "database-unreachable",
    did: "has the module and stops, because the database cannot be asked about a line that go.sum lacks",
    advice:
      "Run this again once the database answers, or through a proxy that passes it on. With GOSUMDB=off the build would " +
      "go on, and the line would enter go.sum unproved.",
    command: addLines,
    fits: ({ stderr }) => /Get "[^"]*\/(?:lookup|tile|sumdb|latest)\b/.test(stderr),
  },
  {
    outcome: "proxy-unreachable",
    did: "stops, because the module is not in the cache and the proxy cannot be reached",
    advice: "See what is wrong with the proxy. Once it answers, the same build goes on, and go.sum checks what comes.",
    command: 'modgate smoke "$(go env GOPROXY | cut -d, -f1)"',
    fits: ({ stderr }) => /Get "[^"]*\/@v\//.test(stderr),
  },
];

const unknown: GosumOutcome = {
  outcome: "other",
  did: "does what this lab has no rule for",
  advice: "Read what it says.",
  command: "go help module-auth",
};

/** What go did in a run, told by what the run left behind; `other` where no rule fits. */
export function outcomeOf(run: RunEvidence): GosumOutcome {
  const { outcome, did, advice, command } = rules.find((rule) => rule.fits(run)) ?? unknown;
  return { outcome, did, advice, command };
}
