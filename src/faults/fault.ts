import { matchPath } from "../gomod/glob.ts";
import { parseDuration } from "../kernel/duration.ts";
import { Problem } from "../kernel/problem.ts";

/** What is done to an answer. */
export type FaultKind =
  /** The right answer, so much later. */
  | { readonly kind: "latency"; readonly ms: number }
  | { readonly kind: "status"; readonly status: number }
  /** TCP RST in place of an answer. */
  | { readonly kind: "reset" }
  /** So many bytes of the right body, null for half of it, and then the end of the connection. */
  | { readonly kind: "truncate"; readonly bytes: number | null }
  /** The headers of the right answer, and then nothing more. */
  | { readonly kind: "stall" }
  /** A zip whose bytes are not those that were sent; other files pass. */
  | { readonly kind: "bad-zip" }
  /** A login page with status 200. */
  | { readonly kind: "html-200" }
  /** The proxy speaks TLS with a certificate that is out of date, or of another name. */
  | { readonly kind: "tls-expired" }
  | { readonly kind: "tls-wrong-name" }
  /** The proxy has a name that nobody can resolve. */
  | { readonly kind: "dns" };

/** Faults with whom they hit. */
export interface FaultPlan {
  readonly faults: readonly FaultKind[];
  /** Share of the requests that are hit, from 0 to 1. */
  readonly rate: number;
  /** Globs over the path, as Go's path.Match has them on whole elements; null: every path. */
  readonly path: string | null;
}

const plain = ["reset", "stall", "bad-zip", "html-200", "tls-expired", "tls-wrong-name", "dns"] as const;
const known =
  "latency=3500ms, status=503, reset, truncate, stall, bad-zip, html-200, tls-expired, tls-wrong-name, dns, rate=0.05";

/**
 * Reads faults as `--fault` writes them: `latency=3500ms`, `status=503`, `reset`, `truncate` or `truncate=1000`,
 * `stall`, `bad-zip`, `html-200`, `tls-expired`, `tls-wrong-name`, `dns`, and `rate=0.05` for the share of requests that
 * are hit, which alone means `status=503`. USAGE where one is none.
 */
export function parseFaults(texts: readonly string[], path: string | null): FaultPlan {
  if (path !== null && matchPath(path, "") === "bad pattern") {
    throw new Problem("USAGE", `Cannot read --path ${JSON.stringify(path)} as a glob`, {
      hint: "write it as '/example.com/*/@v/*.zip'",
    });
  }
  const faults: FaultKind[] = [];
  let rate = 1;
  for (const text of texts) {
    const [name = "", value = null] = text.split("=", 2);
    if (name === "rate") rate = shareIn(text, value);
    else faults.push(faultIn(text, name, value));
  }
  return { faults: faults.length === 0 && rate < 1 ? [{ kind: "status", status: 503 }] : faults, rate, path };
}

/** A fault as `--fault` writes it. */
export function faultText(fault: FaultKind): string {
  switch (fault.kind) {
    case "latency":
      return `latency=${fault.ms}ms`;
    case "status":
      return `status=${fault.status}`;
    case "truncate":
      return fault.bytes === null ? "truncate" : `truncate=${fault.bytes}`;
    default:
      return fault.kind;
  }
}

function faultIn(text: string, name: string, value: string | null): FaultKind {
  const simple = plain.find((kind) => kind === name);
  if (simple !== undefined && value === null) return { kind: simple };
  if (name === "truncate" && (value === null || /^\d{1,12}$/.test(value))) {
    return { kind: "truncate", bytes: value === null ? null : Number(value) };
  }
  const ms = name === "latency" && value !== null ? parseDuration(value) : null;
  if (ms !== null) return { kind: "latency", ms };
  if (name === "status" && value !== null && /^[1-5]\d\d$/.test(value))
    return { kind: "status", status: Number(value) };
  throw new Problem("USAGE", `Cannot read the fault ${JSON.stringify(text)}`, { hint: `there are: ${known}` });
}

function shareIn(text: string, value: string | null): number {
  const share = value === null || value === "" ? Number.NaN : Number(value);
  if (share >= 0 && share <= 1) return share;
  throw new Problem("USAGE", `Cannot read ${JSON.stringify(text)} as a share of requests`, {
    hint: "write it as rate=0.05, from 0 to 1",
  });
}
