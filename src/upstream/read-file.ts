import type { Disk } from "../ports/disk.ts";
import { codeOf } from "./transport-failure.ts";
import { failure, type Failure } from "./failure.ts";
import type { Found } from "./answer.ts";

const chunkBytes = 256 * 1024;

/** The answer that a file gives; null where there is none. Rejects with node's own error (`code` EACCES …). */
export async function readFileAnswer(disk: Pick<Disk, "open" | "stat">, path: string): Promise<Found | null> {
  const stat = await disk.stat(path);
  if (stat === null) return null;
  if (stat.isDirectory) throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
  const file = await disk.open(path);
  if (file === null) return null;
  const ended = Promise.withResolvers<void>();
  let isOpen = true;
  let broken: Failure | null = null;
  const cancel = (): void => {
    if (!isOpen) return;
    isOpen = false;
    ended.resolve(file.close().catch(() => {}));
  };
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      let position = 0;
      while (position < stat.size) {
        const chunk = await file.read(position, Math.min(chunkBytes, stat.size - position));
        if (chunk.length === 0) throw new Error(`the file ends at byte ${position} of ${stat.size}`);
        position += chunk.length;
        yield chunk;
      }
    } catch (error) {
      broken = fileFailure(error);
      throw error;
    } finally {
      cancel();
    }
  };
  return {
    kind: "found",
    body: { chunks: chunks(), size: stat.size, contentType: null, etag: null, lastModified: null },
    brokenBy: () => broken,
    done: ended.promise,
    cancel,
  };
}

/** What an error of the file system says about the upstream: refused, or not to be reached. */
export function fileFailure(error: unknown): Failure {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === "EACCES" || code === "EPERM") {
    return failure("denied", `permission denied (${code})`, {
      hint: "let the gateway's user read the folder of this upstream",
    });
  }
  return failure("unreachable", code === "" ? message : `cannot be read (${code})`);
}
