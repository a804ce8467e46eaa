/** What `go list -m -json` and `go mod download -json` say of one module. */
export interface GoModule {
  readonly version: string;
  readonly versions: readonly string[];
  readonly error: string | null;
  /** Version, Time and Origin as a module proxy's .info has them. */
  readonly info: string;
}

/** Null where the output is not one JSON object. */
export function parseGoJson(stdout: string): GoModule | null {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const fields = new Map(Object.entries(value));
  const text = (name: string): string | null => {
    const field: unknown = fields.get(name);
    return typeof field === "string" ? field : null;
  };
  const versions: unknown = fields.get("Versions");
  const info = Object.fromEntries(
    ["Version", "Time", "Origin"].filter((name) => fields.has(name)).map((name) => [name, fields.get(name)]),
  );
  return {
    version: text("Version") ?? "",
    versions: Array.isArray(versions) ? versions.filter((version) => typeof version === "string") : [],
    error: text("Error"),
    info: JSON.stringify(info),
  };
}
