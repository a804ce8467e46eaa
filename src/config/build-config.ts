import { pathToFileURL } from "node:url";
import { type BuiltUpstreams, buildUpstreams } from "./build-upstreams.ts";
import type { Config } from "./config.ts";
import type { ConfigSources } from "./config-sources.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { type Fault, pathText } from "./fault.ts";
import type { ReadSettings } from "./read-settings.ts";
import { parseHeadersFile, type ReadFiles, readFiles } from "./secret-files.ts";
import { SettingValues } from "./setting-values.ts";
import { settings } from "./settings.ts";
import { filesOf, secretHeadersOf } from "./upstream-files.ts";
import type { UpstreamDefaults, UpstreamEntry } from "./upstream-schema.ts";

/** A configuration, or null where a fault stands in its way. */
export interface BuiltConfig {
  readonly config: Config | null;
  readonly faults: readonly Fault[];
  readonly upstreams: BuiltUpstreams | null;
  /** Files with headers and credentials that went into it. */
  readonly secretFiles: ReadFiles;
}

/** Makes the configuration of the settings that hold; faults are of what only shows when they are put together. */
export async function buildConfig(read: ReadSettings, sources: ConfigSources): Promise<BuiltConfig> {
  const values = new SettingValues(read, sources);
  const faults: Fault[] = [];
  const entries = absoluteEntries(values);
  const defaults = absoluteDefaults(values);
  const webhookFile = values.path(settings.webhookHeadersFile);
  const named = [...Object.values(entries), defaults].flatMap((part) => [part.headersFile, part.credentialsFile]);
  const paths = [...named, webhookFile].filter((path) => typeof path === "string");
  const secretFiles = await readFiles(paths, sources);

  const secrets = secretHeadersOf(entries, defaults, secretFiles);
  for (const { entry, key, message } of secrets.messages) {
    const setting = entry === null ? settings.upstreamDefaults : settings.upstreams;
    const path = entry === null ? [key] : [entry, key];
    faults.push({ place: values.placeOf(setting, path), path: pathText([setting.key, ...path]), message });
  }
  const list = values.optional(settings.upstream);
  const upstreams =
    list === null ? null : buildUpstreams({ list, entries, defaults, secretHeaders: secrets.headersFor });
  const isInFile = read.resolved.get(settings.upstream.key)?.winner.origin.kind === "file";
  const atUpstream = { place: values.placeOf(settings.upstream), path: isInFile ? settings.upstream.key : "" };
  for (const { kind, message } of upstreams?.messages ?? []) {
    // Which names there are is not known while the entries have faults.
    if (kind === "name" && !read.resolved.has(settings.upstreams.key)) continue;
    faults.push({ ...atUpstream, message });
  }
  const webhookHeaders = webhookFile === null ? {} : parseHeadersFile(secretFiles.textOf(webhookFile) ?? "");
  if (typeof webhookHeaders === "string") {
    const { key } = settings.webhookHeadersFile;
    faults.push({ place: values.placeOf(settings.webhookHeadersFile), path: key, message: webhookHeaders });
  }
  if (values.optional(settings.data) === null && !read.faults.some(({ path }) => path === "data")) {
    faults.push({ place: "default", path: "data", message: "there is no home folder; want --data FOLDER" });
  }
  if (faults.length + read.faults.length > 0 || upstreams === null || typeof webhookHeaders === "string") {
    return { config: null, faults, upstreams, secretFiles };
  }
  const config = assemble(values, upstreams, webhookHeaders);
  return { config: deepFreeze(config), faults, upstreams, secretFiles };
}

function absoluteEntries(values: SettingValues): Record<string, UpstreamEntry> {
  const entries = Object.entries(values.optional(settings.upstreams) ?? {});
  const place = values.folderOf(settings.upstreams);
  return Object.fromEntries(entries.map(([name, entry]) => [name, { ...entry, ...filesOf(entry, place) }]));
}

function absoluteDefaults(values: SettingValues): UpstreamDefaults {
  const defaults = values.optional(settings.upstreamDefaults) ?? {};
  return { ...defaults, ...filesOf(defaults, values.folderOf(settings.upstreamDefaults)) };
}

function assemble(
  values: SettingValues,
  upstreams: BuiltUpstreams,
  webhookFileHeaders: Readonly<Record<string, string>>,
): Config {
  const tlsCert = values.path(settings.tlsCert);
  const tlsKey = values.path(settings.tlsKey);
  const confirmed = values.of(settings.confirmPatterns);
  const webhookUrl = values.optional(settings.webhookUrl);
  return {
    listen: values.of(settings.listen).map((address) => ({ address })),
    tls:
      tlsCert === null || tlsKey === null
        ? null
        : { certFile: tlsCert, keyFile: tlsKey, clientCaFile: values.path(settings.tlsClientCa) },
    data: values.path(settings.data) ?? "",
    processes: values.of(settings.processes),
    network: values.of(settings.network),
    chain: upstreams.chain,
    upstreams: upstreams.others,
    proxyEnvironment: values.proxyEnvironment(),
    private: values.of(settings.private),
    sumdb: values.of(settings.sumdb).spec,
    sumdbs: values.of(settings.sumdbs).map(({ pattern, sumdb }) => ({ pattern, sumdb: sumdb.spec })),
    rules: values.rules(upstreams),
    vulndb: vulndbUrl(values.optional(settings.vulndbSource)),
    acceptedVulnerabilities: values.of(settings.vulndbAccepted),
    bundleKeys: values.of(settings.bundleKeys),
    fastLane: values.of(settings.fastLane),
    cache: {
      maxBytes: values.of(settings.cacheMaxSize),
      memoryBytes: values.of(settings.cacheMemory),
      ttlMs: values.of(settings.cacheTtl),
      staleWhileRevalidateMs: values.of(settings.cacheStaleWhileRevalidate),
      maxStaleMs: values.of(settings.cacheMaxStale),
      negativeTtlMs: values.of(settings.cacheNegativeTtl),
      verifyEveryMs: values.of(settings.cacheVerifyEvery),
      verifyBytesPerSecond: values.of(settings.cacheVerifyRate),
    },
    accessKeepMs: values.of(settings.accessKeep),
    direct: {
      concurrency: values.of(settings.directConcurrency),
      timeoutMs: values.of(settings.directTimeout),
      environment: values.directEnvironment(),
      goBinary: values.of(settings.directGo),
    },
    goGet: values.of(settings.goGet).map(({ pattern, kind, url }) => ({ pattern, kind, url: url ?? null })),
    confirm: confirmed.length === 0 ? null : { patterns: confirmed, everyMs: values.of(settings.confirmEvery) },
    webhook:
      webhookUrl === null
        ? null
        : {
            url: webhookUrl,
            patterns: values.of(settings.webhookPatterns),
            timeoutMs: values.of(settings.webhookTimeout),
            cacheMs: values.of(settings.webhookCache),
            onFailure: values.of(settings.webhookOnFailure),
            headers: { ...values.of(settings.webhookHeaders), ...webhookFileHeaders },
          },
    log: {
      level: values.of(settings.logLevel),
      access: values.of(settings.logAccess),
      file: values.path(settings.logFile),
    },
    smoke: values.of(settings.smoke),
    canary: {
      share: values.of(settings.canaryShare),
      forMs: values.of(settings.canaryFor),
      maxErrorRate: values.of(settings.canaryMaxErrorRate),
    },
    drainMs: values.of(settings.drain),
  };
}

function vulndbUrl(place: string | null): string | null {
  if (place === null) return null;
  return /^(?:https?|file):/i.test(place) ? place.replace(/\/+$/, "") : pathToFileURL(place).href;
}
