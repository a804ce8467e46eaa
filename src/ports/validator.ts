/** What a validation hook is asked about. */
export interface ValidationSubject {
  readonly module: string;
  readonly version: string;
  readonly endpoint: "info" | "mod" | "zip";
  readonly client: string;
}

/** The operator's own word on versions: resolves when the version is allowed, else DENIED_BY_HOOK with the hook's reason. */
export interface Validator {
  validate(subject: ValidationSubject, signal: AbortSignal): Promise<void>;
}
