import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type Clock, sleep } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { badCertificate } from "./bad-certificate.ts";
import { connectionFaultOf, faultsOf } from "./choose-faults.ts";
import { faultText, type FaultPlan, parseFaults } from "./fault.ts";
import { fetchRight } from "./fetch-right.ts";
import { answerSpoilt } from "./spoil.ts";

export interface FaultProxyOptions {
  /** http: or https:, with a path where it has one; credentials in it are sent along. */
  readonly target: URL;
  readonly plan: FaultPlan;
  /** Port of 127.0.0.1; 0 for a free one. */
  readonly port: number;
  readonly random: Random;
  readonly clock: Clock;
  /** Told of each request as it was answered. */
  readonly onRequest: (request: ServedRequest) => void;
}

/** What became of one request. */
export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  /** Faults that it got, as `--fault` writes them; none: it got the right answer. */
  readonly faults: readonly string[];
  /** The target's own status; null where it could not be asked. */
  readonly status: number | null;
}

/** A proxy that passes requests on to its target and spoils the answers. */
export interface FaultProxy extends AsyncDisposable {
  /** What clients are to be told: with the fault `dns` a name that nobody resolves. */
  readonly url: string;
  /** Where faults are changed while it runs, always reachable: GET and PUT `/faults`. */
  readonly controlUrl: string;
  /** The certificate authority of the fault tls-wrong-name and tls-expired, PEM; null without one of them. */
  readonly caPem: string | null;
}

/** Starts it on loopback. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  let { plan } = options;
  const stop = new AbortController();
  const listener: RequestListener = (request, response) => {
    void answer(options, () => plan, { request, response, signal: stop.signal });
  };
  const fault = connectionFaultOf(plan);
  const tls = fault === "tls-expired" || fault === "tls-wrong-name" ? await badCertificate(fault) : null;
  const server = tls === null ? createServer(listener) : createTlsServer({ cert: tls.cert, key: tls.key }, listener);
  const control = createServer((request, response) => {
    void change(request, response, {
      get: () => plan,
      set: (next) => {
        plan = next;
      },
    });
  });
  const port = await listen(server, options.port);
  const controlPort = await listen(control, 0);
  const host = fault === "dns" ? "modgate-fault.invalid" : "127.0.0.1";
  return {
    url: `${tls === null ? "http" : "https"}://${host}:${port}`,
    controlUrl: `http://127.0.0.1:${controlPort}/faults`,
    caPem: tls?.ca ?? null,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([server, control].map((one) => close(one)));
    },
  };
}

async function answer(
  { target, random, clock, onRequest }: FaultProxyOptions,
  plan: () => FaultPlan,
  {
    request,
    response,
    signal,
  }: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly signal: AbortSignal },
): Promise<void> {
  const whole = request.url ?? "/";
  const path = decodedPath(whole);
  const faults = faultsOf(plan(), path, random);
  const served = { method: request.method ?? "GET", path: whole, faults: faults.map(faultText) };
  try {
    const [right] = await Promise.all([
      fetchRight(target, request, { path: whole, signal }),
      ...faults.map((one) => (one.kind === "latency" ? sleep(clock, one.ms, signal) : null)),
    ]);
    onRequest({ ...served, status: right.status });
    answerSpoilt(response, right, { faults, path });
  } catch (error) {
    onRequest({ ...served, status: null });
    if (signal.aborted || response.headersSent) {
      response.destroy();
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    response.writeHead(502, { "Content-Type": "text/plain; charset=utf-8" });
    response.end(`fault: the target cannot be asked: ${reason}\n`);
  }
}

interface PlanHolder {
  readonly get: () => FaultPlan;
  readonly set: (plan: FaultPlan) => void;
}

/** GET gives the faults, PUT replaces them: `{"faults": ["status=503"], "path": null}`. */
async function change(request: IncomingMessage, response: ServerResponse, holder: PlanHolder): Promise<void> {
  const say = (status: number, value: object): void => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(`${JSON.stringify(value)}\n`);
  };
  if (request.url !== "/faults") return say(404, { error: "ask /faults" });
  if (request.method === "GET") return say(200, shown(holder.get()));
  if (request.method !== "PUT") return say(405, { error: "GET and PUT alone" });
  try {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const asked: unknown = JSON.parse(Buffer.concat(pieces).toString());
    const { faults, path } = asked as { faults?: unknown; path?: unknown };
    if (!Array.isArray(faults) || !faults.every((one) => typeof one === "string")) {
      return say(400, { error: 'want {"faults": ["status=503"], "path": "*.zip"}' });
    }
    const plan = parseFaults(faults, typeof path === "string" ? path : null);
    if (connectionFaultOf(plan) !== connectionFaultOf(holder.get())) {
      return say(400, { error: "tls-expired, tls-wrong-name and dns hold from the start to the end" });
    }
    holder.set(plan);
    say(200, shown(plan));
  } catch (error) {
    say(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function shown({ faults, rate, path }: FaultPlan): object {
  return { faults: [...faults.map(faultText), ...(rate < 1 ? [`rate=${rate}`] : [])], path };
}

function decodedPath(url: string): string {
  const path = url.replace(/[?#].*$/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  if (server.listening) await once(server, "close");
}
