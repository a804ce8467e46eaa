import type { Logger } from "pino";
import type { SecurityEvent, SecurityWatch } from "../ports/security-event.ts";
import type { Metrics } from "./metrics.ts";

/** Writes security events into the log, as errors, and counts them. */
export function securityLog(log: Logger, metrics: Pick<Metrics, "countSecurityEvent">): SecurityWatch {
  return {
    event(event) {
      metrics.countSecurityEvent(event.kind);
      log.error(fieldsOf(event), `security: ${event.kind}`);
    },
    trouble: (problem) => log.error({ code: problem.code, error: problem }, problem.message),
  };
}

function fieldsOf(event: SecurityEvent): object {
  if (event.kind === "fork") {
    const { code, message, evidence } = event.problem;
    return { kind: event.kind, code, message, evidence };
  }
  const { module, version, file, upstream, wanted, wantedBy, got } = event.evidence;
  return { kind: event.kind, module, version, file, upstream, wanted, wantedBy, got, quarantined: event.quarantined };
}
