import type { FolderToHash, ZipToHash } from "../ports/hasher.ts";
import type { ZipHash } from "./hash-zip.ts";

/** What a hashing thread is asked. */
export type HashWork =
  | { readonly kind: "zip"; readonly zip: ZipToHash }
  | { readonly kind: "folder"; readonly folder: FolderToHash };

/** A piece of work on its way to a thread. */
export interface HashJob {
  readonly id: number;
  readonly work: HashWork;
  /** The place in the thread's shared flags that says when nobody waits for it any more. */
  readonly slot: number;
}

/** What became of it; `code` is that of a Problem, or null where something else was thrown. */
export type HashOutcome =
  | { readonly id: number; readonly kind: "hashed"; readonly hash: ZipHash }
  | { readonly id: number; readonly kind: "abandoned" }
  | {
      readonly id: number;
      readonly kind: "failed";
      readonly code: "UPSTREAM_DAMAGED" | "STORE_FAILED" | null;
      readonly message: string;
    };

/** What a hashing thread is started with. */
export interface HashThreadData {
  /** One number a slot: 1 where the job there is not wanted any more. */
  readonly flags: Int32Array<SharedArrayBuffer>;
}
