import type { Setting } from "./setting.ts";
import { headersSchema } from "./upstream-schema.ts";
import { byteSizeOrNone, byteSizeValue, choiceValue, durationValue, patternList, textValue } from "./values.ts";

const path = textValue("the path of a file");
const anyAge = { maxMs: 3650 * 86_400_000 };
const webhookUrl = textValue("an http(s) URL", /^https?:\/\/[^\s/]\S*$/i);

/** What is kept, for how long, and who is asked before it is served. */
export const answerSettings = {
  cacheMaxSize: {
    key: "cache.maxSize",
    form: "text",
    schema: byteSizeOrNone(),
    default: "none",
    doc: "Size of the cache on disk; beyond it the least recently used files go, pinned ones never",
    example: "50GiB",
  },
  cacheMemory: {
    key: "cache.memory",
    form: "text",
    schema: byteSizeValue(),
    default: "64MiB",
    doc: "Memory for small files that are asked often, for each process",
    example: "128MiB",
  },
  cacheTtl: {
    key: "cache.ttl",
    form: "text",
    schema: durationValue(anyAge),
    default: "1m",
    doc: "How long list, @latest and queries are served without asking",
    example: "5m",
  },
  cacheStaleWhileRevalidate: {
    key: "cache.staleWhileRevalidate",
    form: "text",
    schema: durationValue(anyAge),
    default: "10m",
    doc: "How long after the ttl they are served at once while they are asked anew",
    example: "1h",
  },
  cacheMaxStale: {
    key: "cache.maxStale",
    form: "text",
    schema: durationValue(anyAge),
    default: "7d",
    doc: "Oldest answer that is served where no upstream can be asked",
    example: "30d",
  },
  cacheNegativeTtl: {
    key: "cache.negativeTtl",
    form: "text",
    schema: durationValue({ maxMs: 3_600_000 }),
    default: "10s",
    doc: "How long absence is remembered; at most 1h",
    example: "30s",
  },
  confirmPatterns: {
    key: "confirm.patterns",
    form: "list",
    schema: patternList(),
    keepsSpaces: true,
    default: [],
    doc: "Modules whose cached .info and .mod are confirmed with the upstream before they are served",
    example: ["github.com/corp/*"],
  },
  confirmEvery: {
    key: "confirm.every",
    form: "text",
    schema: durationValue(),
    default: "1m",
    doc: "One confirmation holds for this long",
    example: "10s",
  },
  webhookUrl: {
    key: "webhook.url",
    form: "text",
    schema: webhookUrl,
    default: null,
    doc: "Validation webhook: is sent module, version, endpoint and client by POST, and allows or denies",
    example: "https://validate.example.com/go",
  },
  webhookPatterns: {
    key: "webhook.patterns",
    form: "list",
    schema: patternList(),
    keepsSpaces: true,
    default: ["*"],
    doc: "Modules it is asked about",
    example: ["github.com/corp/*"],
  },
  webhookTimeout: {
    key: "webhook.timeout",
    form: "text",
    schema: durationValue({ minMs: 1 }),
    default: "2s",
    doc: "Its deadline",
    example: "5s",
  },
  webhookCache: {
    key: "webhook.cache",
    form: "text",
    schema: durationValue(anyAge),
    default: "5m",
    doc: "How long its answer is remembered",
    example: "1h",
  },
  webhookOnFailure: {
    key: "webhook.onFailure",
    form: "text",
    schema: choiceValue(["allow", "deny"]),
    default: "deny",
    doc: "What happens where it does not answer: allow is fail-open, deny is fail-closed",
    example: "allow",
  },
  webhookHeaders: {
    key: "webhook.headers",
    form: "structure",
    schema: headersSchema,
    default: {},
    doc: "Headers sent to it; never shown",
    example: { Authorization: "Bearer TOKEN" },
  },
  webhookHeadersFile: {
    key: "webhook.headersFile",
    form: "text",
    schema: path,
    default: null,
    doc: "File of further headers for it, one `Name: value` a line",
    example: "/etc/modgate/webhook.headers",
    isPath: true,
  },
} satisfies Record<string, Setting<unknown>>;
