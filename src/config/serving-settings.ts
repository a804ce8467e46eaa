import { parseListenAddress } from "./listen-address.ts";
import type { Setting } from "./setting.ts";
import {
  choiceValue,
  durationValue,
  flagValue,
  integerValue,
  listValue,
  shareValue,
  showInput,
  textValue,
} from "./values.ts";

const path = textValue("the path of a file");
const listenWant = "host:port such as 127.0.0.1:8080, or unix:/path";
const address = textValue(listenWant).refine((text) => parseListenAddress(text) !== null, {
  error: ({ input }) => `${showInput(input)} is wrong; want ${listenWant}`,
});
const smokeModule = textValue("MODULE@VERSION, such as golang.org/x/mod@v0.17.0", /^[^\s@]+@[^\s@]+$/);
const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** How the gateway serves: where, with what, and how it changes and ends. */
export const servingSettings = {
  listen: {
    key: "listen",
    form: "list",
    schema: listValue(address, "a list of addresses, such as [127.0.0.1:8080]").refine((list) => list.length > 0, {
      error: `is empty; want ${listenWant}`,
    }),
    default: ["127.0.0.1:8080"],
    doc: "Addresses to listen on: host:port (port 0: any free one) or unix:/path",
    example: ["127.0.0.1:8080", "unix:/run/modgate.sock"],
  },
  tlsCert: {
    key: "tls.cert",
    form: "text",
    schema: path,
    default: null,
    doc: "PEM file of the server certificate: the TCP listeners then speak https",
    example: "/etc/modgate/tls.crt",
    isPath: true,
  },
  tlsKey: {
    key: "tls.key",
    form: "text",
    schema: path,
    default: null,
    doc: "PEM file of the server certificate's key",
    example: "/etc/modgate/tls.key",
    isPath: true,
  },
  tlsClientCa: {
    key: "tls.clientCa",
    form: "text",
    schema: path,
    default: null,
    doc: "PEM file of the authority that client certificates must come from; set: clients without one are refused",
    example: "/etc/modgate/clients.crt",
    isPath: true,
  },
  data: {
    key: "data",
    form: "text",
    schema: textValue("the path of a folder"),
    default: null,
    defaultText: "$XDG_DATA_HOME/modgate, or ~/.local/share/modgate",
    doc: "Data folder: cache, index and pins",
    example: "/var/lib/modgate",
    isPath: true,
  },
  processes: {
    key: "processes",
    form: "number",
    schema: integerValue(1, 256),
    default: 1,
    doc: "Processes that share the listeners and the data folder",
    example: 4,
  },
  network: {
    key: "network",
    form: "text",
    schema: choiceValue(["online", "offline"]),
    default: "online",
    doc: "offline: serve from the cache alone, list and @latest included",
    example: "offline",
  },
  logLevel: {
    key: "log.level",
    form: "text",
    schema: choiceValue(logLevels),
    default: "info",
    doc: `Least important line that is written: ${logLevels.join(", ")}`,
    example: "debug",
  },
  logAccess: {
    key: "log.access",
    form: "boolean",
    schema: flagValue(),
    default: true,
    doc: "Writes one line for each request",
    example: false,
  },
  logFile: {
    key: "log.file",
    form: "text",
    schema: path,
    default: null,
    defaultText: "standard error",
    doc: "File for the log; on a terminal, standard error gets short lines instead of JSON",
    example: "/var/log/modgate.log",
    isPath: true,
  },
  smoke: {
    key: "smoke",
    form: "list",
    schema: listValue(smokeModule, "a list of MODULE@VERSION"),
    default: [],
    defaultText: "modules of the cache",
    doc: "What a new configuration must be able to serve before it takes requests",
    example: ["golang.org/x/mod@v0.17.0"],
  },
  canaryShare: {
    key: "canary.share",
    form: "number",
    schema: shareValue(),
    default: 0.1,
    doc: "Share of requests that a new configuration takes at first",
    example: 0.05,
  },
  canaryFor: {
    key: "canary.for",
    form: "text",
    schema: durationValue(),
    default: "1m",
    doc: "How long it takes that share before it takes all",
    example: "10m",
  },
  canaryMaxErrorRate: {
    key: "canary.maxErrorRate",
    form: "number",
    schema: shareValue(),
    default: 0.05,
    doc: "Share of unreachable and damaged answers above which it is taken back",
    example: 0.01,
  },
  drain: {
    key: "drain",
    form: "text",
    schema: durationValue(),
    default: "30s",
    doc: "How long SIGTERM waits for requests under way",
    example: "2m",
  },
} satisfies Record<string, Setting<unknown>>;
