import { failure, type Failure } from "./failure.ts";
import { oneLine } from "./mask.ts";
import { TimeUp } from "./time-up.ts";

// What a second attempt may well get past. Certificates, unknown names and answers that are no HTTP stay as they are.
const passing: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ECONNABORTED: "connection aborted",
  ETIMEDOUT: "connection timed out",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "network unreachable",
  EAI_AGAIN: "name lookup failed for now",
  UND_ERR_SOCKET: "connection closed",
  UND_ERR_INFO: "connection closed",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "another number of bytes than Content-Length says",
};

const trustHint =
  "if that authority is your company's: name its PEM file as ca: of this upstream, or install it in the system store";
const certificateHints: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: trustHint,
  DEPTH_ZERO_SELF_SIGNED_CERT: trustHint,
  UNABLE_TO_GET_ISSUER_CERT: trustHint,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: trustHint,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: trustHint,
  CERT_HAS_EXPIRED: "have the upstream's certificate renewed, and check the clock of this machine",
  CERT_NOT_YET_VALID: "check the clock of this machine",
  ERR_TLS_CERT_ALTNAME_INVALID: "write the upstream's URL with a host name that its certificate has",
};

/** What it means that a call ended in `error`: always unreachable, since nothing was proved. */
export function transportFailure(error: unknown): Failure {
  if (error instanceof TimeUp) {
    return failure("unreachable", error.message, { mayRetry: true, timedOut: true, blame: "attempt" });
  }
  const { reason, mayRetry } = explain(error);
  return failure("unreachable", reason, { mayRetry, blame: "attempt", hint: certificateHints[codeOf(error)] ?? null });
}

/** Node's or undici's error code, "" where there is none. */
export function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

function explain(error: unknown): { reason: string; mayRetry: boolean } {
  const code = codeOf(error);
  const message = error instanceof Error ? oneLine(withoutAdvice(error.message), 160) : "";
  const known = passing[code];
  if (known !== undefined) return { reason: known, mayRetry: true };
  if (code === "ENOTFOUND") return { reason: "no such host", mayRetry: false };
  if (code.startsWith("HPE_")) return { reason: `no HTTP answer (${message})`, mayRetry: false };
  if (code.startsWith("ERR_HTTP2_")) return { reason: `HTTP/2 failed (${message})`, mayRetry: true };
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    const isPlain = code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG";
    const said = /SSL alert number \d+|tlsv?[\w.]* alert [\w ]+/i.exec(message)?.[0] ?? code;
    return { reason: isPlain ? `no TLS on the other side (${code})` : `TLS failed (${said})`, mayRetry: false };
  }
  if (message.includes("when HTTP Tunneling") || message.includes("Proxy Authentication Required")) {
    return { reason: `the HTTP proxy refuses (${message})`, mayRetry: false };
  }
  // A certificate's fault has its name as the code, such as CERT_HAS_EXPIRED.
  return { reason: code === "" ? message : `${message} (${code})`, mayRetry: false };
}

// Node's advice is for who starts Node; the hint says what helps here.
function withoutAdvice(message: string): string {
  return message.replace(/; if the root CA is installed locally.*$/s, "");
}
