import type { UpstreamConfig } from "./config.ts";
import { allUpstreams, type Draft } from "./draft.ts";
import { pathText } from "./fault.ts";
import { type Finding, finding } from "./finding.ts";
import { parseListenAddress } from "./listen-address.ts";
import { maskUrls } from "./mask.ts";
import { settings } from "./settings.ts";

/** Finds what is wrong with the chain as a whole and with single upstreams. */
export function checkUpstreams(draft: Draft): Finding[] {
  return [
    ...checkLoop(draft),
    ...checkOrder(draft),
    ...checkPrivateUpstreams(draft),
    ...checkUnused(draft),
    ...checkCredentials(draft),
    ...checkNotFound(draft),
    ...checkVulndb(draft),
  ];
}

function atChain({ values, read }: Draft): { place: string; path: string } {
  const kind = read.resolved.get(settings.upstream.key)?.winner.origin.kind;
  return { place: values.placeOf(settings.upstream), path: kind === "file" ? "upstream" : "" };
}

function checkLoop(draft: Draft): Finding[] {
  return allUpstreams(draft)
    .filter(({ url }) => leadsHere(url, draft))
    .map(({ url }) =>
      finding("MG1109", { ...atChain(draft), message: `${maskUrls(url)} is this gateway's own address` }),
    );
}

function leadsHere(url: string, { config, sources }: Draft): boolean {
  if (!/^https?:/i.test(url)) return false;
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const urlPort = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return config.listen.some(({ address }) => {
    const listener = parseListenAddress(address);
    if (listener?.kind !== "tcp" || listener.port !== urlPort || listener.port === 0) return false;
    const own = listener.host.toLowerCase();
    if (own === host) return true;
    if (own === "0.0.0.0" || own === "::")
      return isLoopback(host) || sources.ownHosts.some((name) => name.toLowerCase() === host);
    return host === "localhost" ? isLoopback(own) : own === "localhost" && /^(127\.0\.0\.1|::1)$/.test(host);
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function checkOrder(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const { chain, unreachable } = draft.upstreams;
  for (const [index, { upstream, separator }] of chain.entries()) {
    if (separator !== "|" || chain[index + 1]?.upstream.url !== "direct") continue;
    const message = `after any failure of ${upstream.name} version control is asked, and its error hides what ${upstream.name} said; want ,direct`;
    findings.push(finding("MG1110", { ...atChain(draft), message }));
  }
  if (unreachable.length > 0) {
    const message = `${unreachable.join(", ")} ${unreachable.length > 1 ? "stand" : "stands"} after ${chain.at(-1)?.upstream.name} and is never asked`;
    findings.push(finding("MG1114", { ...atChain(draft), message }));
  }
  return findings;
}

function checkPrivateUpstreams(draft: Draft): Finding[] {
  const { config, values } = draft;
  if (config.private.length === 0 || config.network === "offline") return [];
  if (allUpstreams(draft).some((upstream) => upstream.private)) return [];
  const message = `no upstream may serve the private modules ${config.private.join(", ")}: the cache alone answers for them`;
  return [finding("MG1106", { place: values.placeOf(settings.private), path: "", message })];
}

function checkUnused({ config, values, upstreams }: Draft): Finding[] {
  const ruled = new Set(config.rules.flatMap((rule) => rule.upstreams ?? []));
  return Object.keys(upstreams.others)
    .filter((name) => !ruled.has(name))
    .map((name) =>
      finding("MG1115", {
        place: values.placeOf(settings.upstreams, [name], "key"),
        path: pathText(["upstreams", name]),
        message: `${name} is neither in the chain nor named by a rule`,
      }),
    );
}

function checkCredentials(draft: Draft): Finding[] {
  const { config, values } = draft;
  const findings: Finding[] = [];
  const entries = values.optional(settings.upstreams) ?? {};
  for (const upstream of allUpstreams(draft)) {
    const what = credentialsOf(upstream);
    if (what === null || !isPlainHttp(upstream.url)) continue;
    const at =
      upstream.name in entries
        ? {
            place: values.placeOf(settings.upstreams, [upstream.name, "url"]),
            path: pathText(["upstreams", upstream.name, "url"]),
          }
        : atChain(draft);
    findings.push(
      finding("MG1107", { ...at, message: `${what} would go to ${maskUrls(upstream.url)} over plain http` }),
    );
  }
  if (config.webhook !== null && isPlainHttp(config.webhook.url) && Object.keys(config.webhook.headers).length > 0) {
    const message = "the headers of the webhook would go over plain http";
    findings.push(finding("MG1107", { place: values.placeOf(settings.webhookUrl), path: "webhook.url", message }));
  }
  const defaults = values.optional(settings.upstreamDefaults) ?? {};
  const isSecret =
    defaults.credentialsFile !== undefined ||
    Object.keys(defaults.headers ?? {}).some((name) => /^(authorization|cookie)$/i.test(name));
  if (isSecret) {
    const message = "every upstream, public ones too, would be sent these credentials";
    findings.push(
      finding("MG1118", { place: values.placeOf(settings.upstreamDefaults), path: "upstreamDefaults", message }),
    );
  }
  return findings;
}

function checkVulndb({ config, values }: Draft): Finding[] {
  if (config.vulndb !== null) return [];
  return config.rules.flatMap((rule, index) =>
    rule.blockVulnerable
      ? [
          finding("MG1122", {
            place: values.placeOf(settings.rules, [index, "blockVulnerable"]),
            path: pathText(["rules", index, "blockVulnerable"]),
            message: `the rule ${rule.pattern} blocks vulnerable versions, and no vulnerability database says which`,
          }),
        ]
      : [],
  );
}

function credentialsOf({ url, headers, forwardAuthorization }: UpstreamConfig): string | null {
  if (URL.canParse(url) && (new URL(url).username !== "" || new URL(url).password !== ""))
    return "user name and password";
  if (headers["authorization"] !== undefined) return "the Authorization header";
  return forwardAuthorization ? "the client's Authorization" : null;
}

function isPlainHttp(url: string): boolean {
  return /^http:/i.test(url) && !isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ""));
}

function checkNotFound({ values }: Draft): Finding[] {
  const defaults = values.optional(settings.upstreamDefaults)?.notFound ?? [];
  const findings = troubleIn(defaults).map(({ status, index }) =>
    finding("MG1108", {
      place: values.placeOf(settings.upstreamDefaults, ["notFound", index]),
      path: pathText(["upstreamDefaults", "notFound", index]),
      message: `${status} means trouble, not absence`,
    }),
  );
  for (const [name, entry] of Object.entries(values.optional(settings.upstreams) ?? {})) {
    for (const { status, index } of troubleIn(entry.notFound ?? [])) {
      const inner = [name, "notFound", index];
      const message = `${status} means trouble, not absence`;
      findings.push(
        finding("MG1108", {
          place: values.placeOf(settings.upstreams, inner),
          path: pathText(["upstreams", ...inner]),
          message,
        }),
      );
    }
  }
  return findings;
}

function troubleIn(statuses: readonly number[]): { status: number; index: number }[] {
  return statuses
    .map((status, index) => ({ status, index }))
    .filter(({ status }) => status >= 500 || [407, 408, 425, 429].includes(status));
}
