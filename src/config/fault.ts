/** Something wrong with the configuration, and where. */
export interface Fault {
  /** `modgate.yaml:3:14`, `env MODGATE_LISTEN` or `flag --listen`. */
  readonly place: string;
  /** The key, such as `upstreams.corp.url`; "" for the source as a whole. */
  readonly path: string;
  /** What is wrong and what would be right; without secrets. */
  readonly message: string;
}

/** A place inside a setting or a file: keys and list positions from the top. */
export type KeyPath = readonly (string | number)[];

/** `file:line:col path: message`. */
export function faultLine({ place, path, message }: Fault): string {
  return `${place}${path === "" ? "" : ` ${path}`}: ${message}`;
}

/** `rules[0].pattern`. */
export function pathText(path: KeyPath): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}
