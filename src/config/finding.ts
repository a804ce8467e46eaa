import { type ConfigFindingCode, configFindingCodes } from "./finding-codes.ts";

/** One thing that `modgate config check` says. */
export interface Finding {
  readonly code: ConfigFindingCode;
  /** An error keeps the configuration from being served. */
  readonly severity: "error" | "warning";
  /** `file:line:col`, or the name of the variable or flag. */
  readonly place: string;
  /** The key, such as `rules[0].pattern`; "" where there is none. */
  readonly path: string;
  readonly message: string;
  readonly help: string;
  /** A request that would break; null where there is none to show. */
  readonly example: string | null;
}

interface FindingDetails {
  readonly place: string;
  readonly path: string;
  readonly message: string;
  /** The help of the code where left out. */
  readonly help?: string;
  readonly example?: string | null;
}

/** A finding with the severity of its code. */
export function finding(code: ConfigFindingCode, details: FindingDetails): Finding {
  const { severity, help } = configFindingCodes[code];
  return { code, severity, help, example: null, ...details };
}

/** `place path: message (code)`, with the request that would break. */
export function findingLine({ place, path, message, example, code }: Finding): string {
  const broken = example === null ? "" : `; it would break ${example}`;
  return `${place}${path === "" ? "" : ` ${path}`}: ${message}${broken} (${code})`;
}
