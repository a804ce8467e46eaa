/** Fetches the `?go-get=1` page of an import path from where it lives. */
export interface GoGetOrigin {
  /** The page as it came; MODULE_ABSENT for 404 and 410, UPSTREAM_UNREACHABLE otherwise. `url` stands for `https://` and the host of the path. */
  page(importPath: string, url: string | null, signal: AbortSignal): Promise<Buffer>;
}
