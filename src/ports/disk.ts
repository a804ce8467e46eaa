/** What an adapter needs to know of a file. */
export interface FileStat {
  readonly size: number;
  /** Milliseconds since 1970, rounded. */
  readonly modifiedAtMs: number;
  /** Another file under the same name has another number. */
  readonly inode: number;
  readonly isDirectory: boolean;
}

/** An open file; what was written is not durable before sync() has returned. */
export interface DiskFile extends AsyncDisposable {
  /** Appends; the bytes must not change until it has returned. */
  write(bytes: Uint8Array): Promise<void>;
  /** Reads up to `length` bytes at `position`; fewer at the end of the file. Into the start of `into` where it is given. */
  read(position: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  stat(): Promise<FileStat>;
  setModified(modifiedAtMs: number): Promise<void>;
  /** fsync(2). */
  sync(): Promise<void>;
  /** No error where it is closed already. */
  close(): Promise<void>;
}

/**
 * The disk, one system call a method, so that a test can fail or kill between any two of them.
 * Errors are node's own (`code` ENOENT, ENOSPC, EACCES …).
 */
export interface Disk {
  /** Creates a new file for writing and reading; EEXIST where it is there already. */
  create(path: string): Promise<DiskFile>;
  /** Opens a file for reading; null where there is none, or where no file can have that name. */
  open(path: string): Promise<DiskFile | null>;
  /** ENOENT where there is none. */
  readFile(path: string): Promise<Buffer>;
  /** Null where there is nothing, where a parent is no directory, or where no file can have that name. */
  stat(path: string): Promise<FileStat | null>;
  /** Makes one directory; false where something of that name is there already, ENOENT without its parent. */
  makeDirectory(path: string): Promise<boolean>;
  /** Replaces `to` where it is there. */
  rename(from: string, to: string): Promise<void>;
  /** No error where it is gone already. */
  remove(path: string): Promise<void>;
  /** Removes an empty directory; false where it is not empty or not there. */
  removeDirectory(path: string): Promise<boolean>;
  /** The names in a directory; empty where there is none. */
  list(path: string): Promise<readonly { readonly name: string; readonly isDirectory: boolean }[]>;
  /** Makes creations and renames in this directory durable. */
  syncDirectory(path: string): Promise<void>;
}
