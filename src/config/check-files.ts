import type { Draft } from "./draft.ts";
import { type KeyPath, pathText } from "./fault.ts";
import { type Finding, finding } from "./finding.ts";
import { readFiles } from "./secret-files.ts";
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";
import { filesOf } from "./upstream-files.ts";

interface NamedFile {
  readonly path: string;
  readonly setting: Setting<unknown>;
  readonly inner: KeyPath;
  readonly isPem: boolean;
}

/** Finds files that cannot be read, and certificates without their keys. */
export async function checkFiles(draft: Draft): Promise<Finding[]> {
  const named = namedFiles(draft);
  const files = await readFiles(
    named.map(({ path }) => path),
    draft.sources,
  );
  const findings = checkPairs(draft);
  for (const { path, setting, inner, isPem } of named) {
    const at = { place: draft.values.placeOf(setting, inner), path: pathText([...setting.key.split("."), ...inner]) };
    const failure = files.failureOf(path);
    if (failure !== null) findings.push(finding("MG1112", { ...at, message: `cannot read ${path} (${failure})` }));
    else if (isPem && !files.textOf(path)?.includes("-----BEGIN ")) {
      findings.push(finding("MG1112", { ...at, message: `${path} is no PEM file` }));
    }
  }
  return findings;
}

/** The files that the configuration names, absolute: what a change of is a change of the configuration. */
export function namedFilePaths(draft: Draft): string[] {
  return [...new Set(namedFiles(draft).map(({ path }) => path))];
}

function namedFiles({ values }: Draft): NamedFile[] {
  const named: NamedFile[] = [];
  for (const setting of [settings.tlsCert, settings.tlsKey, settings.tlsClientCa, settings.webhookHeadersFile]) {
    const path = values.path(setting);
    if (path !== null) named.push({ path, setting, inner: [], isPem: setting !== settings.webhookHeadersFile });
  }
  const parts: { setting: Setting<unknown>; inner: KeyPath; files: Partial<Record<string, string>> }[] = [
    {
      setting: settings.upstreamDefaults,
      inner: [],
      files: filesOf(values.optional(settings.upstreamDefaults) ?? {}, values.folderOf(settings.upstreamDefaults)),
    },
  ];
  for (const [name, entry] of Object.entries(values.optional(settings.upstreams) ?? {})) {
    parts.push({
      setting: settings.upstreams,
      inner: [name],
      files: filesOf(entry, values.folderOf(settings.upstreams)),
    });
  }
  for (const { setting, inner, files } of parts) {
    for (const [key, path] of Object.entries(files)) {
      if (path !== undefined) named.push({ path, setting, inner: [...inner, key], isPem: !key.endsWith("File") });
    }
  }
  return named;
}

function checkPairs({ values }: Draft): Finding[] {
  const findings: Finding[] = [];
  const cert = values.optional(settings.tlsCert);
  const key = values.optional(settings.tlsKey);
  if ((cert === null) !== (key === null)) {
    const [there, missing] = cert === null ? [settings.tlsKey, settings.tlsCert] : [settings.tlsCert, settings.tlsKey];
    findings.push(
      finding("MG1111", { place: values.placeOf(there), path: there.key, message: `stands without ${missing.key}` }),
    );
  } else if (cert === null && values.optional(settings.tlsClientCa) !== null) {
    const { key: path } = settings.tlsClientCa;
    findings.push(
      finding("MG1111", {
        place: values.placeOf(settings.tlsClientCa),
        path,
        message: "stands without tls.cert and tls.key",
      }),
    );
  }
  const parts: [Setting<unknown>, KeyPath, { cert?: string | undefined; key?: string | undefined }][] = [
    [settings.upstreamDefaults, [], values.optional(settings.upstreamDefaults) ?? {}],
  ];
  for (const [name, entry] of Object.entries(values.optional(settings.upstreams) ?? {})) {
    parts.push([settings.upstreams, [name], entry]);
  }
  for (const [setting, inner, part] of parts) {
    if ((part.cert === undefined) === (part.key === undefined)) continue;
    const [there, missing] = part.cert === undefined ? ["key", "cert"] : ["cert", "key"];
    const path = [...inner, there];
    findings.push(
      finding("MG1111", {
        place: values.placeOf(setting, path),
        path: pathText([setting.key, ...path]),
        message: `stands without ${missing}`,
      }),
    );
  }
  return findings;
}
