import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { ChainElement, UpstreamConfig } from "../../src/config/config.ts";
import { Problem } from "../../src/kernel/problem.ts";
import { seededRandom, type Random } from "../../src/kernel/random.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Chain, UpstreamAsk, UpstreamBody, UpstreamTry } from "../../src/ports/upstream.ts";
import type { Disk } from "../../src/ports/disk.ts";
import { nodeDisk } from "../../src/store/node-disk.ts";
import { createChain } from "../../src/upstream/chain.ts";
import type { Direct } from "../../src/upstream/direct.ts";
import type { ProxyEnvironment } from "../../src/upstream/proxy-choice.ts";
import type { Fault } from "./fault.ts";
import { FakeClock } from "./fake-clock.ts";
import type { ModuleTree } from "./module-tree.ts";
import { UpstreamServer } from "./upstream-server.ts";

/** The real disk. */
export const nodeDiskForTests: Disk = nodeDisk;

/** An upstream named `P1` that asks once, waits patiently and never opens its breaker; `settings` say otherwise. */
export function upstreamConfig(url: string, settings: Partial<UpstreamConfig> = {}): UpstreamConfig {
  return {
    name: "P1",
    url,
    notFound: [],
    timeouts: { connectMs: 10_000, headersMs: 20_000, idleMs: 30_000, totalMs: 300_000 },
    retry: { attempts: 1, backoffMs: 100, maxBackoffMs: 1000 },
    breaker: { failures: 1000, openMs: 10_000 },
    hedgeAfterMs: null,
    headers: {},
    http2: false,
    connections: 16,
    forwardAuthorization: false,
    private: false,
    caFile: null,
    certFile: null,
    keyFile: null,
    proxy: null,
    ...settings,
  };
}

export interface TestChainOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly separators?: readonly ("," | "|")[];
  readonly further?: readonly UpstreamConfig[];
  readonly direct?: Direct;
  readonly selfId?: string;
  readonly proxies?: ProxyEnvironment;
}

/** The chain of these upstreams, a comma after each unless `separators` say otherwise; closed at the end of `await using`. */
export async function testChain(
  upstreams: readonly UpstreamConfig[],
  options: TestChainOptions = {},
): Promise<Chain & AsyncDisposable> {
  const elements: ChainElement[] = upstreams.map((upstream, index) => ({
    upstream,
    separator: options.separators?.[index] ?? ",",
  }));
  const chain = await createChain({
    elements,
    further: options.further ?? [],
    clock: options.clock ?? new FakeClock(),
    random: options.random ?? seededRandom(1),
    disk: nodeDisk,
    identity: { selfId: options.selfId ?? "self", userAgent: "modgate-test" },
    proxies: options.proxies ?? { httpProxy: null, httpsProxy: null, noProxy: null },
    direct: options.direct ?? null,
  });
  return {
    names: chain.names,
    fetch: (ask, receive, signal) => chain.fetch(ask, receive, signal),
    health: () => chain.health(),
    close: () => chain.close(),
    [Symbol.asyncDispose]: () => chain.close(),
  };
}

/** A question for a file of example.com/a@v1.0.0, or another path, that remembers its tries. */
export function askFor(
  endpoint: UpstreamAsk["endpoint"],
  settings: Partial<UpstreamAsk> = {},
): UpstreamAsk & { readonly tries: UpstreamTry[] } {
  const tries: UpstreamTry[] = [];
  const module = settings.module ?? "example.com/a";
  const version = settings.version ?? (endpoint === "list" || endpoint === "latest" ? null : "v1.0.0");
  const files = {
    list: "@v/list",
    latest: "@latest",
    info: `@v/${version}.info`,
    mod: `@v/${version}.mod`,
    zip: `@v/${version}.zip`,
    vulndb: "index/db.json",
  };
  return {
    path: endpoint === "sumdb" ? "sumdb/sum.example.test/latest" : `${module}/${files[endpoint]}`,
    module,
    endpoint,
    version,
    etag: null,
    lastModified: null,
    headers: {},
    authorization: null,
    only: null,
    onTry: (attempt) => void tries.push(attempt),
    ...settings,
    tries,
  };
}

/** The whole body as text. */
export async function bodyText(body: UpstreamBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Waits for `promise` while timers that are due run, and no time passes. */
export async function standingStill<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const state = { isSettled: false };
  const settled = (): void => {
    state.isSettled = true;
  };
  promise.then(settled, settled);
  while (!state.isSettled) await clock.advance(0);
  return promise;
}

/** Waits until the claim holds, without letting time pass. */
export async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await new Promise((resolve) => void setImmediate(resolve));
}

/** Serves on a free port of loopback until the end of `await using`. */
export async function serveHttp(listener: RequestListener): Promise<{ url: string; port: number } & AsyncDisposable> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What one upstream answers to one question: its text, or the Problem. */
export async function outcomeOf(
  url: string,
  ask: UpstreamAsk,
  settings: Partial<UpstreamConfig> = {},
  options: TestChainOptions = {},
): Promise<string | Problem> {
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(url, settings)], { ...options, clock });
  try {
    const result = await standingStill(clock, chain.fetch(ask, bodyText, new AbortController().signal));
    return result.kind === "found" ? result.value : result.kind;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** What the first upstream said, or the text itself where there was one. */
export function firstTry(ended: string | Problem): string {
  return ended instanceof Problem ? (ended.tried[0] ?? "") : ended;
}

/** The Problem that it is rejected with. */
export async function problemOf(fetching: Promise<unknown>): Promise<Problem> {
  const error = await fetching.then(
    () => assert.fail("it was fetched"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof Problem, String(error));
  return error;
}

/** The chain of one upstream that fails `times` times with `fault`, and whose random numbers are all one half. */
export async function failingUpstream(
  tree: ModuleTree,
  fault: Fault,
  times: number,
  settings: Partial<UpstreamConfig>,
) {
  const server = await UpstreamServer.start({ tree });
  server.fail({ match: "*", times, fault });
  const clock = new FakeClock();
  const chain = await testChain([upstreamConfig(server.url, settings)], { clock, random: () => 0.5 });
  const stack = new AsyncDisposableStack();
  stack.use(server);
  stack.use(chain);
  return { server, clock, chain, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
