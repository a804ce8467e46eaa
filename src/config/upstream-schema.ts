import * as z from "zod";
import { formatDuration, longestDurationMs } from "../kernel/duration.ts";
import {
  choiceValue,
  durationOr,
  durationValue,
  flagValue,
  integerValue,
  listValue,
  mapValue,
  secretValue,
  textValue,
  wrong,
} from "./values.ts";

/** What every upstream starts from. */
export const upstreamBuiltIns = {
  connectMs: 10_000,
  headersMs: 60_000,
  idleMs: 30_000,
  totalMs: 15 * 60_000,
  attempts: 3,
  backoffMs: 200,
  maxBackoffMs: 5000,
  failures: 3,
  openMs: 15_000,
  connections: 64,
} as const;

const aDay = 86_400_000;
const limit = { minMs: 1, maxMs: aDay };
const doc = (description: string, standard: unknown): { description: string; default?: unknown } => ({
  description,
  ...(standard === undefined ? {} : { default: standard }),
});
const timeDoc = (description: string, durationMs: number) => doc(description, formatDuration(durationMs));

/** Names and values of added headers; the values never appear in a message. */
export const headersSchema = mapValue(
  { pattern: /^[A-Za-z0-9!#$%&'*+.^`|~-][\w!#$%&'*+.^`|~-]*$/, want: "the name of a header" },
  secretValue("the value of a header as text"),
  "a map of headers, such as {X-Team: build}",
);

const timeouts = z.strictObject(
  {
    connect: durationValue(limit)
      .meta(timeDoc("From dialling to a usable connection, TLS included", upstreamBuiltIns.connectMs))
      .optional(),
    headers: durationValue(limit)
      .meta(timeDoc("From the request to the last header", upstreamBuiltIns.headersMs))
      .optional(),
    idle: durationValue(limit).meta(timeDoc("Between two pieces of a body", upstreamBuiltIns.idleMs)).optional(),
    total: durationValue(limit).meta(timeDoc("For one attempt as a whole", upstreamBuiltIns.totalMs)).optional(),
  },
  { error: wrong("a map of timeouts, such as {connect: 10s, total: 15m}") },
);

const retry = z.strictObject(
  {
    attempts: integerValue(1, 20).meta(doc("Attempts in all; 1: no retry", upstreamBuiltIns.attempts)).optional(),
    backoff: durationValue(limit)
      .meta(
        timeDoc(
          "Before the second attempt; doubled for each further one, with full jitter",
          upstreamBuiltIns.backoffMs,
        ),
      )
      .optional(),
    maxBackoff: durationValue(limit)
      .meta(timeDoc("The longest wait between two attempts", upstreamBuiltIns.maxBackoffMs))
      .optional(),
  },
  { error: wrong("a map, such as {attempts: 3, backoff: 200ms}") },
);

const breaker = z.strictObject(
  {
    failures: integerValue(1, 1000)
      .meta(doc("Failures in a row that open the breaker", upstreamBuiltIns.failures))
      .optional(),
    openFor: durationValue(limit)
      .meta(timeDoc("How long it stays open before one request may try", upstreamBuiltIns.openMs))
      .optional(),
  },
  { error: wrong("a map, such as {failures: 3, openFor: 15s}") },
);

const statusList = listValue(integerValue(400, 599), "a list of HTTP statuses, such as [403]");
const file = (description: string) => textValue("the path of a file").meta({ description }).optional();

const fields = {
  notFound: statusList.meta(doc("Statuses that mean “does not exist” here, beside 404 and 410", [])).optional(),
  timeouts: timeouts.meta(doc("Time limits", undefined)).optional(),
  retry: retry.meta(doc("Retries of what is safe to ask again", undefined)).optional(),
  breaker: breaker.meta(doc("The circuit breaker", undefined)).optional(),
  hedgeAfter: durationOr("never")
    .meta(doc("Sends a second request when the first has no headers after this time", "never"))
    .optional(),
  headers: headersSchema.meta(doc("Headers added to each request", {})).optional(),
  headersFile: file("File of further headers, one `Name: value` a line: keeps secrets out of the configuration"),
  credentialsFile: file("File with `user:password`, or a whole `Bearer TOKEN`, sent as Authorization"),
  http2: flagValue().meta(doc("Speaks HTTP/2 where the upstream does; https alone", true)).optional(),
  connections: integerValue(1, 10_000)
    .meta(doc("Most requests under way at once; more wait", upstreamBuiltIns.connections))
    .optional(),
  forwardAuthorization: flagValue().meta(doc("Sends the client's own Authorization on", false)).optional(),
  ca: file("PEM file of a further certificate authority"),
  cert: file("PEM file of the client certificate"),
  key: file("PEM file of the client certificate's key"),
  proxy: textValue("an http:// URL of a proxy, or none", /^(none|https?:\/\/\S+)$/i)
    .meta({
      description: "HTTP proxy to go through; none: straight. Left out: HTTP_PROXY, HTTPS_PROXY and NO_PROXY decide",
    })
    .optional(),
};

const mapWant = "a map of settings, such as {notFound: [403]}";

/** Settings that hold for every upstream. */
export const upstreamDefaultsSchema = z.strictObject(fields, { error: wrong(mapWant) });

/** One entry of `upstreams:`. */
export const upstreamEntrySchema = z.strictObject(
  {
    url: textValue(
      "an https:, http: or file: URL of a module proxy, or direct",
      /^(direct|https?:\/\/[^\s,|]+|file:\/\/\/[^\s,|]+)$/i,
    ).meta({
      description: "Base URL of the module proxy; direct: version control, as GOPROXY means it",
      examples: ["https://goproxy.example.com"],
    }),
    ...fields,
    private: flagValue().meta(doc("May serve modules under private:", false)).optional(),
  },
  { error: wrong("a map with a url, such as {url: https://goproxy.example.com}") },
);

/** `upstreams:`, entries by name. */
export const upstreamsSchema = mapValue(
  {
    pattern: /^(?!(?:direct|off)$)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    want: "letters, digits, dots and dashes, and neither direct nor off",
  },
  upstreamEntrySchema,
  "a map from names to upstreams, such as {corp: {url: https://goproxy.example.com}}",
);

export type UpstreamEntry = z.output<typeof upstreamEntrySchema>;
export type UpstreamDefaults = z.output<typeof upstreamDefaultsSchema>;

/** One line of `rules:`. */
export const ruleSchema = z.strictObject(
  {
    pattern: textValue("a module path or a glob over one, such as github.com/corp/*").meta({
      description: "Module paths it is for: a glob over path prefixes as in GOPRIVATE, * for all",
      examples: ["github.com/corp/*"],
    }),
    action: choiceValue(["allow", "deny"]).meta({ description: "What happens to them" }),
    reason: textValue("a line for the developer").meta({ description: "Shown to the developer" }).optional(),
    upstreams: listValue(textValue("the name of an upstream"), "a list of names of upstreams")
      .meta({ description: "The only upstreams that may serve them" })
      .optional(),
    blockVulnerable: z
      .boolean({ error: wrong("true or false") })
      .meta({ description: "Refuse versions with a known vulnerability that a later version fixes" })
      .optional(),
    minimumAge: durationValue({ maxMs: longestDurationMs })
      .meta({ description: "How long a version must have been known before it is served", examples: ["7d"] })
      .optional(),
  },
  { error: wrong("a map such as {pattern: github.com/corp/*, action: deny}") },
);

/** One line of `goGet:`. */
export const goGetSchema = z.strictObject(
  {
    pattern: textValue("a module path or a glob over one").meta({
      description: "Import paths it is for: a glob over path prefixes",
    }),
    kind: choiceValue(["mod", "origin"]).meta({
      description:
        "mod: this gateway answers with a go-import page; origin: the request goes on to where the path lives",
    }),
    url: textValue("an http(s) URL", /^https?:\/\/\S+$/i)
      .meta({
        description: "This gateway as clients see it (mod), or the origin; left out: from the request or the path",
      })
      .optional(),
  },
  { error: wrong("a map such as {pattern: go.example.com, kind: mod}") },
);
