/** What an adapter needs to know of a file. */
export interface FileStat {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAtMs: number;
  readonly isDirectory: boolean;
}

/** A file open for writing; nothing is durable before sync() has returned. */
export interface DiskFile extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  /** Reads up to `length` bytes at `position`; fewer at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** fsync(2). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The disk, one system call a method, so that a test can fail or kill between any two of them.
 * Errors are node's own (`code` ENOENT, ENOSPC, EACCES …).
 */
export interface Disk {
  /** Creates a new file for writing and reading; EEXIST where it is there already. */
  create(path: string): Promise<DiskFile>;
  /** Opens a file for reading; null where there is none. */
  open(path: string): Promise<DiskFile | null>;
  readFile(path: string): Promise<Buffer>;
  /** Null where there is nothing, or where a parent is no directory. */
  stat(path: string): Promise<FileStat | null>;
  makeDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** No error where it is gone already. */
  remove(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  /** The names in a directory; empty where there is none. */
  list(path: string): Promise<readonly { readonly name: string; readonly isDirectory: boolean }[]>;
  /** Makes a rename in this directory durable. */
  syncDirectory(path: string): Promise<void>;
}
