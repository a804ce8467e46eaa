import { infoKey, listKey, modKey } from "../gomod/keys.ts";
import { escapeVersion } from "../gomod/path.ts";
import { parseInfo } from "../gomod/info.ts";
import { isRetracted, parseRetractions } from "../gomod/retractions.ts";
import { isPseudoVersion, latestOf, parseVersion } from "../gomod/version.ts";
import { parseVersionList } from "../gomod/version-list.ts";
import type { View } from "../gomod/view.ts";
import { Problem } from "../kernel/problem.ts";
import type { Artifact } from "../ports/ask.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { Held, HeldModule, Hold, HoldLook } from "../ports/hold.ts";
import type { Store, StoredFile } from "../ports/store.ts";
import { fileFromBytes, isVersionFile, wholeOf } from "./artifact.ts";
import type { Errand, FileRequest } from "./errand.ts";

interface WithholdingParts {
  readonly holds: readonly Hold[];
  readonly store: Store;
  readonly obtain: (exchange: Exchange, errand: Errand) => Promise<Artifact>;
}

type ModuleRequest = Exclude<FileRequest, { readonly kind: "sumdb" | "vulndb" }>;

/**
 * Keeps versions back alike on every endpoint: the files of a held version are refused with the hold's reason, and
 * list, @latest and queries are answered as if it were not there. What a held release retracts is left out too, since
 * nobody can read its go.mod.
 */
export class Withholding {
  readonly #parts: WithholdingParts;

  constructor(parts: WithholdingParts) {
    this.#parts = parts;
  }

  /** False where no hold has a say in this request; costs no more than a look into memory. */
  concerns(request: FileRequest, isPrivate: boolean, view: View): boolean {
    if (!isOfModule(request)) return false;
    const { holds } = this.#parts;
    if (holds.length === 0) return false;
    const module = { module: request.module, isPrivate, view };
    return holds.some((hold) => hold.concerns(module));
  }

  /** The artifact as obtain() has it, without what is held. The hold's Problem where that is all there is. */
  async obtain(exchange: Exchange, errand: Errand, view: View): Promise<Artifact> {
    const { request } = errand;
    if (!isOfModule(request)) return this.#parts.obtain(exchange, errand);
    const module = { module: request.module, isPrivate: errand.decision.private, view };
    if (isVersionFile(request)) {
      await this.#refuseHeld({ exchange, errand, module, request }, request.version);
      return this.#parts.obtain(exchange, errand);
    }
    const look = { exchange, errand, module, request };
    return request.kind === "list" ? this.#list(look) : this.#query(look);
  }

  /** A version that does not exist is absent, whatever holds it: its .info tells. */
  async #refuseHeld({ exchange, errand, module, request }: Look, version: string): Promise<void> {
    const { signal } = errand;
    const held = (await this.#among(module, [version], { exist: false, signal })).get(version);
    if (held === undefined || held.isUnlisted || (held.keepsGoMod && request.kind === "mod")) return;
    const info = await this.#parts
      .obtain(exchange, { ...errand, request: infoRequest(request, version) })
      .catch((error: unknown) => {
        if (error instanceof Problem && error.verdict === "absent") throw error;
        return null;
      });
    if (info !== null) await this.#among(module, [version], { exist: true, signal });
    throw held.problem;
  }

  async #list(look: Look): Promise<Artifact> {
    const artifact = await this.#parts.obtain(look.exchange, look.errand);
    const text = await textOf(artifact.file);
    const versions = parseVersionList(text);
    const hidden = await this.#hidden(look, versions);
    if (hidden.size === 0) return artifact;
    const lines = versions.filter((version) => !hidden.has(version)).map((version) => `${version}\n`);
    return {
      ...artifact,
      file: fileFromBytes(artifact.file.key, Buffer.from(lines.join("")), artifact.file.storedAtMs),
    };
  }

  async #query(look: Look): Promise<Artifact> {
    const { exchange, errand, request, module } = look;
    const artifact = await this.#parts.obtain(exchange, errand);
    const { version } = parseInfo(await wholeOf(artifact.file), null);
    const prefix = request.kind === "latest" ? "latest" : request.kind === "query" ? request.query : "";
    // A branch or a commit means one version and no other.
    const mayChoose = prefix === "latest" || parseVersion(prefix) !== null;
    const versions = mayChoose ? await this.#versionsOf(look) : [];
    const hidden = await this.#hidden(look, [...new Set([...versions, version])]);
    const problem = hidden.get(version);
    if (problem === undefined) return artifact;
    const candidates = versions.filter((one) => !hidden.has(one) && (prefix === "latest" || isBelow(one, prefix)));
    const chosen = latestOf(candidates) ?? (mayChoose ? await this.#newestHere(look, prefix) : null);
    if (chosen === null) throw problem ?? noneLeft(module.module, prefix);
    const info = await this.#parts.obtain(exchange, { ...errand, request: infoRequest(request, chosen) });
    // The file never changes, but what the query means does.
    const isPersonal = info.cacheControl.startsWith("private");
    const cacheControl = isPersonal ? info.cacheControl : artifact.cacheControl;
    return { ...info, cacheControl, ageSeconds: artifact.ageSeconds };
  }

  /** Versions of the list; none where the module has no list of its own. */
  async #versionsOf({ exchange, errand, request }: Look): Promise<readonly string[]> {
    const { module, escapedModule } = request;
    const list = { kind: "list" as const, module, escapedModule, key: listKey(escapedModule) };
    try {
      const artifact = await this.#parts.obtain(exchange, { ...errand, request: list });
      return parseVersionList(await textOf(artifact.file));
    } catch (error) {
      if (error instanceof Problem && error.verdict === "absent") return [];
      throw error;
    }
  }

  // A module without tags: what was fetched before is all that is known of its earlier versions.
  async #newestHere(look: Look, prefix: string): Promise<string | null> {
    const here = (await this.#parts.store.versionsOf(look.request.escapedModule)).filter(
      (version) => isPseudoVersion(version) && (prefix === "latest" || isBelow(version, prefix)),
    );
    if (here.length === 0) return null;
    const held = await this.#among(look.module, here, { exist: true, signal: look.errand.signal });
    return latestOf(here.filter((version) => !held.has(version)));
  }

  /** What list and queries leave out; null as the reason where a held release retracts it. */
  async #hidden(look: Look, versions: readonly string[]): Promise<ReadonlyMap<string, Problem | null>> {
    const held = await this.#among(look.module, versions, { exist: true, signal: look.errand.signal });
    const hidden = new Map<string, Problem | null>();
    for (const [version, { problem }] of held) hidden.set(version, problem);
    // `go` reads retractions from the highest version's go.mod alone.
    const speaker = latestOf(versions.filter((version) => held.get(version)?.retracts ?? true));
    if (speaker === null || !held.has(speaker)) return hidden;
    const retractions = parseRetractions(await this.#goModOf(look, speaker));
    for (const version of versions) {
      if (!hidden.has(version) && isRetracted(version, retractions)) hidden.set(version, null);
    }
    return hidden;
  }

  async #goModOf({ exchange, errand, request }: Look, version: string): Promise<string> {
    const { module, escapedModule } = request;
    const key = modKey(escapedModule, escapeVersion(version));
    const goMod = { kind: "mod" as const, module, escapedModule, version, key };
    try {
      return await textOf((await this.#parts.obtain(exchange, { ...errand, request: goMod })).file);
    } catch (error) {
      // A version that is on the list alone retracts nothing.
      if (error instanceof Problem && error.verdict === "absent") return "";
      throw error;
    }
  }

  async #among(module: HeldModule, versions: readonly string[], how: HoldLook): Promise<ReadonlyMap<string, Held>> {
    const { holds } = this.#parts;
    const all = await Promise.all(
      holds.filter((hold) => hold.concerns(module)).map((hold) => hold.among(module, versions, how)),
    );
    const merged = new Map<string, Held>();
    for (const held of all) {
      for (const [version, one] of held) {
        const before = merged.get(version);
        merged.set(version, before === undefined ? one : stricter(before, one));
      }
    }
    return merged;
  }
}

interface Look {
  readonly exchange: Exchange;
  readonly errand: Errand;
  readonly module: HeldModule;
  readonly request: ModuleRequest;
}

function stricter(one: Held, other: Held): Held {
  // The one that lets less through gives the reason.
  const { problem } = one.isUnlisted || (one.keepsGoMod && !other.isUnlisted) ? other : one;
  return {
    problem,
    retracts: one.retracts && other.retracts,
    isUnlisted: one.isUnlisted && other.isUnlisted,
    keepsGoMod: (one.keepsGoMod ?? one.isUnlisted) && (other.keepsGoMod ?? other.isUnlisted),
  };
}

/** True where the query `v1` or `v1.2` means the version too. */
function isBelow(version: string, prefix: string): boolean {
  return version.startsWith(`${prefix}.`);
}

function isOfModule(request: FileRequest): request is ModuleRequest {
  return request.kind !== "sumdb" && request.kind !== "vulndb";
}

function infoRequest({ module, escapedModule }: ModuleRequest, version: string): FileRequest {
  return { kind: "info", module, escapedModule, version, key: infoKey(escapedModule, escapeVersion(version)) };
}

function noneLeft(module: string, query: string): Problem {
  return new Problem("NO_VERSION_LEFT", `Every version of ${module} that "${query}" could mean is held or retracted`);
}

async function textOf(file: StoredFile): Promise<string> {
  return (await wholeOf(file)).toString();
}
