import { createHash } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import type { Store, StoredFile } from "../ports/store.ts";
import type { Chain } from "../ports/upstream.ts";
import type { Errand } from "./errand.ts";

interface ConfirmParts {
  readonly config: Config;
  readonly store: Store;
  readonly chain: Chain;
  readonly clock: Clock;
}

/**
 * For modules under `confirm:` asks the upstream whether the cached .info or .mod still holds, at most once in
 * `every`. Absence, refusal and outage are passed on, because a copy that could not be confirmed must not be
 * served; other bytes under the same version are UPSTREAM_DAMAGED with both hashes.
 */
export async function confirmCopy(parts: ConfirmParts, errand: Errand, file: StoredFile): Promise<void> {
  const { confirm } = parts.config;
  const { request } = errand;
  if (confirm === null || (request.kind !== "info" && request.kind !== "mod")) return;
  if (!matchPrefixPatterns(confirm.patterns, request.module)) return;
  const known = parts.store.answerMeta(request.key);
  if (known && parts.clock.now() - known.confirmedAtMs < confirm.everyMs) return;

  const answer = await parts.chain.fetch(
    {
      path: request.key,
      module: request.module,
      endpoint: request.kind,
      version: request.version,
      etag: known?.upstreamEtag ?? null,
      lastModified: known?.upstreamLastModified ?? null,
      headers: errand.headers,
      authorization: errand.authorization,
      only: errand.decision.upstreams,
      onTry: errand.onTry,
    },
    async (body) => {
      const theirs = createHash("sha256");
      for await (const chunk of body.chunks) theirs.update(chunk);
      await demandSame(request.key, file, theirs.digest("hex"), body.upstream);
      return { etag: body.etag, lastModified: body.lastModified };
    },
    errand.signal,
  );
  parts.store.confirm(request.key, {
    confirmedAtMs: parts.clock.now(),
    upstream: answer.upstream,
    upstreamEtag: answer.kind === "found" ? answer.value.etag : (known?.upstreamEtag ?? null),
    upstreamLastModified: answer.kind === "found" ? answer.value.lastModified : (known?.upstreamLastModified ?? null),
  });
}

async function demandSame(key: string, file: StoredFile, theirs: string, upstream: string): Promise<void> {
  const ours = createHash("sha256");
  for await (const chunk of file.stream()) ours.update(chunk);
  const kept = ours.digest("hex");
  if (kept === theirs) return;
  throw new Problem("UPSTREAM_DAMAGED", `${upstream} now serves other bytes for ${key}`, {
    hint: `compare both copies; \`modgate cache prune --pattern\` forgets the one kept here`,
    evidence: { key, upstream, keptSha256: kept, servedSha256: theirs },
    tried: [`kept here: sha256 ${kept}`, `served now: sha256 ${theirs}`],
  });
}
