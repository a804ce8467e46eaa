import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** What a load of a few seconds came to. */
export interface Load {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** 10^6 bytes a second, headers included. */
  readonly megabytesPerSecond: number;
  /** Connections that failed, and answers other than 2xx and 3xx. */
  readonly errors: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  readonly threads: number;
  /** Cores of the load generator, as taskset writes them. */
  readonly cores: string;
  /** For the script. */
  readonly folder: string;
}

/** Asks for the paths in turn, as `go` would ask, on every connection as fast as answers come. */
export async function load(options: LoadOptions): Promise<Load> {
  const script = join(options.folder, "load.lua");
  await writeFile(script, scriptFor(options.paths));
  const counts = [`-t${options.threads}`, `-c${options.connections}`, `-d${options.seconds}s`, "--timeout", "10s"];
  const { stdout } = await promisify(execFile)("taskset", [
    "-c",
    options.cores,
    "wrk",
    ...counts,
    "-s",
    script,
    options.url,
  ]);
  const numbers = /^figures (.*)$/m.exec(stdout)?.[1]?.split(" ").map(Number);
  if (numbers === undefined) throw new Error(`wrk printed no figures:\n${stdout}`);
  const [requests = 0, tookUs = 1, bytes = 0, p50Us = 0, p99Us = 0, errors = 0] = numbers;
  return {
    requests,
    requestsPerSecond: (requests / tookUs) * 1e6,
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
    megabytesPerSecond: bytes / tookUs,
    errors,
  };
}

// wrk's scripting is Lua; requests are made before the clock starts.
function scriptFor(paths: readonly string[]): string {
  return `local requests, next = {}, 0
function init()
  wrk.headers["User-Agent"] = "Go-http-client/1.1"
  wrk.headers["Accept-Encoding"] = "gzip"
  for path in string.gmatch([[${paths.join(" ")}]], "%S+") do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("figures %d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
`;
}
