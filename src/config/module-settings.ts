import * as z from "zod";
import { parseVerifierKey } from "../gomod/verifier-key.ts";
import { parseSumdbSpec } from "../gomod/sumdb-spec.ts";
import { Problem } from "../kernel/problem.ts";
import type { Setting } from "./setting.ts";
import { goGetSchema, ruleSchema, upstreamDefaultsSchema, upstreamsSchema } from "./upstream-schema.ts";
import {
  durationValue,
  integerValue,
  listValue,
  mapValue,
  patternList,
  refuse,
  secretValue,
  textValue,
  wrong,
} from "./values.ts";

/** A checksum database as GOSUMDB writes it; `spec` is null for off. */
const sumdbSpec = textValue("sum.golang.org, NAME+HASH+KEY with an optional URL after a space, or off").transform(
  (text, context) => {
    try {
      return { spec: parseSumdbSpec(text) };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return refuse(
        context,
        `${error.message}; want sum.golang.org, NAME+HASH+KEY with an optional URL after a space, or off`,
      );
    }
  },
);
const environmentMap = mapValue(
  { pattern: /^[A-Za-z][A-Za-z0-9_]*$/, want: "the name of a variable" },
  secretValue("the value of a variable as text"),
  "a map of variables, such as {GOFLAGS: -insecure}",
);

// Variables that the `go` process of `direct` inherits: what git, ssh and go need to use the operator's own credentials.
const passedVariables = (
  "PATH HOME USER LOGNAME SHELL LANG LC_ALL TMPDIR XDG_CONFIG_HOME XDG_RUNTIME_DIR " +
  "SSH_AUTH_SOCK SSH_AGENT_PID GIT_* NETRC GOAUTH GOENV GOVCS GOINSECURE GOTOOLCHAIN GOROOT " +
  "HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR " +
  "SystemRoot ComSpec PATHEXT USERPROFILE APPDATA LOCALAPPDATA TEMP TMP"
).split(" ");

/** Where modules come from and which may be had. */
export const moduleSettings = {
  upstream: {
    key: "upstream",
    form: "text",
    schema: textValue("text as in GOPROXY: URL,URL|URL,direct"),
    default: null,
    defaultText: "what `go env GOPROXY` says",
    goVariable: "GOPROXY",
    doc: "The upstream chain, written as GOPROXY: after `,` the next one is asked on 404 and 410 alone, after `|` on every failure. Elements are URLs, names of upstreams:, direct or off",
    example: "corp,https://goproxy.example.com|direct",
  },
  upstreams: {
    key: "upstreams",
    form: "structure",
    schema: upstreamsSchema,
    default: {},
    doc: "Upstreams by name. A URL of the chain that equals the url of an entry uses its settings",
    example: { corp: { url: "https://goproxy.example.com", notFound: [403] } },
  },
  upstreamDefaults: {
    key: "upstreamDefaults",
    form: "structure",
    schema: upstreamDefaultsSchema,
    default: {},
    doc: "Settings for every upstream that does not say otherwise",
    example: { timeouts: { headers: "30s" } },
  },
  private: {
    key: "private",
    form: "list",
    schema: patternList(),
    keepsSpaces: true,
    default: [],
    defaultText: "GOPRIVATE",
    goVariable: "GOPRIVATE",
    doc: "Private modules, patterns as in GOPRIVATE: never sent to a public upstream or the checksum database, only to direct and to upstreams marked private",
    example: ["github.com/corp", "*.corp.example"],
  },
  sumdb: {
    key: "sumdb",
    form: "text",
    schema: sumdbSpec,
    default: "sum.golang.org",
    defaultText: "GOSUMDB, or sum.golang.org",
    goVariable: "GOSUMDB",
    doc: "Checksum database, written as GOSUMDB: a known name, NAME+HASH+KEY with an optional URL after a space, or off",
    example: "sum.golang.org",
  },
  sumdbs: {
    key: "sumdbs",
    form: "structure",
    schema: listValue(
      z.strictObject(
        {
          pattern: textValue("a module path or a glob over one, such as corp.example/*").meta({
            description: "Module paths it is for: a glob over path prefixes as in GOPRIVATE",
          }),
          sumdb: sumdbSpec.meta({
            description: "The checksum database that knows them, written as GOSUMDB; off: what is seen first is pinned",
          }),
        },
        { error: wrong("a map such as {pattern: legacy.example/*, sumdb: off}") },
      ),
      "a list, such as [{pattern: legacy.example/*, sumdb: off}]",
    ),
    default: [],
    doc: "Checksum databases for some modules alone: the first pattern that fits decides, where none fits sumdb does; private modules are never looked up",
    example: [{ pattern: "legacy.example/*", sumdb: "off" }],
  },
  vulndbSource: {
    key: "vulndb.source",
    form: "text",
    schema: textValue("an http(s) URL, or the path of a folder", /^(?:https?:\/\/\S+|file:\/\/\S+|(?!\w+:\/\/)\S.*)$/i),
    default: null,
    defaultText: "none",
    doc: "Where the Go vulnerability database is had from that /vulndb/ serves: the URL of a mirror, or a folder",
    example: "/srv/vulndb",
  },
  vulndbAccepted: {
    key: "vulndb.accepted",
    form: "list",
    schema: listValue(
      textValue("an entry such as GO-2024-2687 or CVE-2023-45288", /^[A-Z]+-[A-Za-z0-9-]+$/),
      "a list of entries, such as [GO-2024-2687]",
    ),
    default: [],
    doc: "Entries of the vulnerability database that blockVulnerable passes over, by their ID or an alias",
    example: ["GO-2024-2687"],
  },
  bundleKeys: {
    key: "bundleKeys",
    form: "list",
    schema: listValue(
      textValue("a key such as NAME+HASH+KEY").refine((text) => parseVerifierKey(text).kind === "key", {
        error: wrong("a key NAME+HASH+KEY, as `modgate bundle create` prints it"),
      }),
      "a list of keys NAME+HASH+KEY",
    ),
    default: [],
    doc: "Whose bundles `modgate bundle verify` and `bundle import` believe: keys as `modgate bundle create` prints them",
    example: ["modgate-bundle+799d4a2a+AQLUzqWN2djT+uF90GcFjNK1r+UsHGbXzspcPVLiwqdx"],
  },
  fastLane: {
    key: "fastLane",
    form: "list",
    schema: listValue(
      textValue("a version such as golang.org/x/net@v0.38.0", /^[^\s@]+@v\S+$/),
      "a list of versions, such as [golang.org/x/net@v0.38.0]",
    ),
    default: [],
    doc: "Versions that no minimumAge of a rule, and no /cooldown/ of a client, holds back",
    example: ["golang.org/x/net@v0.38.0"],
  },
  rules: {
    key: "rules",
    form: "structure",
    schema: listValue(ruleSchema, "a list of rules, such as [{pattern: github.com/corp/*, action: deny}]"),
    default: [],
    doc: "Allow and deny rules: the first whose pattern fits the module path decides; where none fits the module is allowed",
    example: [{ pattern: "github.com/banned/*", action: "deny", reason: "see the wiki" }],
  },
  directConcurrency: {
    key: "direct.concurrency",
    form: "number",
    schema: integerValue(1, 256),
    default: 4,
    doc: "Most go processes of the upstream direct at once",
    example: 8,
  },
  directTimeout: {
    key: "direct.timeout",
    form: "text",
    schema: durationValue({ minMs: 1 }),
    default: "5m",
    doc: "Deadline of one of them; it is then killed with all its children",
    example: "10m",
  },
  directGo: {
    key: "direct.go",
    form: "text",
    schema: textValue("the name or path of the go command"),
    default: "go",
    doc: "The go command",
    example: "/usr/local/go/bin/go",
  },
  directPass: {
    key: "direct.pass",
    form: "list",
    schema: listValue(
      textValue("the name of a variable, * at its end for all that start so", /^[A-Za-z_][A-Za-z0-9_]*\*?$/),
      "a list of names of variables",
    ),
    default: passedVariables,
    doc: "Variables of modgate's own environment that the go process of direct gets; `GIT_*` stands for all that start so",
    example: ["PATH", "HOME", "SSH_AUTH_SOCK"],
  },
  directEnvironment: {
    key: "direct.environment",
    form: "structure",
    schema: environmentMap,
    default: {},
    doc: "Further variables for the go process of direct; never shown",
    example: { GOVCS: "github.com:git" },
  },
  goGet: {
    key: "goGet",
    form: "structure",
    schema: listValue(goGetSchema, "a list, such as [{pattern: go.example.com, kind: mod}]"),
    default: [],
    doc: "Import paths whose ?go-get=1 is answered; the first pattern that fits decides",
    example: [{ pattern: "go.example.com", kind: "mod" }],
  },
} satisfies Record<string, Setting<unknown>>;
