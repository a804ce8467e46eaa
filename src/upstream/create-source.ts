import type { UpstreamConfig } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Disk } from "../ports/disk.ts";
import type { Source } from "./answer.ts";
import { createDispatchers } from "./dispatchers.ts";
import type { Direct } from "./direct.ts";
import { DirectSource } from "./direct-source.ts";
import { FileSource } from "./file-source.ts";
import { HttpSource } from "./http-source.ts";
import { mayCarryCredentials } from "./loopback.ts";
import { maskUrl } from "./mask.ts";
import type { ProxyEnvironment } from "./proxy-choice.ts";
import type { Identity } from "./request-headers.ts";

export interface SourceParts {
  readonly clock: Clock;
  readonly disk: Pick<Disk, "open" | "stat" | "readFile">;
  readonly identity: Identity;
  readonly proxies: ProxyEnvironment;
  /** Needed where an upstream is `direct`. */
  readonly direct: Direct | null;
}

/** The way of asking that the upstream's URL names, null for `off`; CONFIG_INVALID where it names none. */
export async function createSource(config: UpstreamConfig, parts: SourceParts): Promise<Source | null> {
  if (config.url === "off") return null;
  if (config.url === "direct") {
    if (!parts.direct) throw invalid(config, "it is direct, and nothing runs the go command here", "set direct:");
    return new DirectSource(parts.direct, config);
  }
  const url = URL.parse(config.url);
  if (url?.protocol === "file:") {
    if (url.host !== "" || url.search !== "" || url.hash !== "") {
      throw invalid(config, "a file: URL has a path alone", "write file:///absolute/folder");
    }
    return new FileSource(config.url, parts.disk);
  }
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw invalid(config, "its URL is no http:, https: or file: URL", "write https://host/path, direct or off");
  }
  const hasCredentials = url.username !== "" || url.password !== "" || "authorization" in config.headers;
  if (hasCredentials && !mayCarryCredentials(url)) {
    throw invalid(
      config,
      "refusing to pass credentials to an insecure URL",
      "use https:, or leave the credentials out",
    );
  }
  const dispatchers = await createDispatchers(config, parts.disk, parts.proxies);
  return new HttpSource({ config, dispatchers, clock: parts.clock, identity: parts.identity });
}

function invalid(config: UpstreamConfig, why: string, hint: string): Problem {
  return new Problem("CONFIG_INVALID", `Cannot use upstream "${config.name}" (${maskUrl(config.url)}): ${why}`, {
    hint,
  });
}
