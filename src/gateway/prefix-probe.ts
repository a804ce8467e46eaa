import { LRUCache } from "lru-cache";
import type { Clock } from "../kernel/clock.ts";
import { infoKey, latestKey, listKey } from "../gomod/keys.ts";
import { checkModulePath, escapeModulePath, escapeVersion } from "../gomod/path.ts";
import type { Chain, UpstreamBody } from "../ports/upstream.ts";
import type { Errand, FileRequest } from "./errand.ts";

const keepMs = 60_000;

interface Probe {
  readonly upstream: string;
  readonly path: string;
  readonly module: string;
}

interface Asking {
  readonly chain: Chain;
  readonly errand: Errand;
  readonly signal: AbortSignal;
}

interface Known {
  readonly has: Promise<boolean>;
  readonly untilMs: number;
}

/**
 * `go get`, `go install` and `go mod tidy` ask for every prefix of a package path, and they walk GOPROXY once
 * for all prefixes together: where a proxy has one of them as a module, the later elements of the list are never
 * asked for the others. A gateway sees single requests, so it has to find out: when an upstream proves a path
 * absent but has a shorter prefix of it, the walk ends there. Else an unreachable `direct` behind a good proxy
 * would break what works without a gateway.
 */
export class PrefixProbe {
  readonly #clock: Clock;
  readonly #known = new LRUCache<string, Known>({ max: 5000 });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers that an upstream has the module for everybody, so that it need not be asked for it. */
  remember(upstream: string, request: FileRequest): void {
    const path = probePath(request, request.module ?? "");
    if (path !== null) this.#keep(keyOf(upstream, path, null), Promise.resolve(true));
  }

  /** True where the upstream has a proper prefix of the request's module path, at the version asked for. */
  async hasPrefix(asking: Asking, upstream: string): Promise<boolean> {
    const { errand } = asking;
    const elements = (errand.request.module ?? "").split("/");
    for (let length = elements.length - 1; length >= 1; length--) {
      const module = elements.slice(0, length).join("/");
      const path = checkModulePath(module) === null ? probePath(errand.request, module) : null;
      if (path !== null && (await this.#has(asking, { upstream, path, module }))) return true;
    }
    return false;
  }

  #has(asking: Asking, probe: Probe): Promise<boolean> {
    const key = keyOf(probe.upstream, probe.path, asking.errand.authorization);
    const known = this.#known.get(key);
    if (known && known.untilMs > this.#clock.monotonic()) return known.has;
    const has = this.#ask(asking, probe);
    this.#keep(key, has);
    return has;
  }

  async #ask({ chain, errand, signal }: Asking, probe: Probe): Promise<boolean> {
    const { request } = errand;
    const isList = request.kind === "list" || request.kind === "latest";
    const version = request.kind === "info" ? request.version : request.kind === "query" ? request.query : null;
    const common = {
      module: probe.module,
      etag: null,
      lastModified: null,
      headers: errand.headers,
      authorization: errand.authorization,
      only: [probe.upstream],
      onTry: () => {},
    };
    const fetch = async (path: string, endpoint: "list" | "info" | "latest"): Promise<boolean> => {
      const result = await chain.fetch({ ...common, path, endpoint, version }, hasBytes, signal);
      return result.kind === "found" && result.value;
    };
    try {
      if (await fetch(probe.path, isList ? "list" : "info")) return true;
      // A module without tags has an empty list, and a version in @latest alone.
      return isList && (await fetch(latestKey(escapeModulePath(probe.module)), "latest"));
    } catch {
      return false;
    }
  }

  #keep(key: string, has: Promise<boolean>): void {
    this.#known.set(key, { has, untilMs: this.#clock.monotonic() + keepMs });
  }
}

// What one client may see says nothing of what others may.
function keyOf(upstream: string, path: string, authorization: string | null): string {
  return `${upstream}\n${path}\n${authorization ?? ""}`;
}

function probePath(request: FileRequest, module: string): string | null {
  switch (request.kind) {
    case "list":
    case "latest":
      return listKey(escapeModulePath(module));
    case "info":
      return infoKey(escapeModulePath(module), escapeVersion(request.version));
    case "query":
      return infoKey(escapeModulePath(module), escapeVersion(request.query));
    case "mod":
    case "zip":
    case "sumdb":
    case "vulndb":
      return null;
  }
}

async function hasBytes(body: UpstreamBody): Promise<boolean> {
  for await (const chunk of body.chunks) if (chunk.length > 0) return true;
  return false;
}
