import { parentPort } from "node:worker_threads";
import { DirectorySyncs } from "./directory-syncs.ts";
import { publishWhole } from "./publish-whole.ts";
import type { Disk } from "../ports/disk.ts";
import { syncDisk } from "./sync-disk.ts";
import type { PublishJob, PublishOutcome } from "./worker-publisher.ts";

// The body of the publishing thread: takes lists of files, answers with a list of outcomes for each. The files of one
// list go through each step together, so that their folders are synced once and not once a file.
const disk = withSharedSyncs(syncDisk);
const syncs = new DirectorySyncs(disk);

parentPort?.on("message", (jobs: readonly PublishJob[]) => {
  void Promise.all(jobs.map(outcomeOf)).then((outcomes) => parentPort?.postMessage(outcomes));
});

/** Those who sync a folder in the same turn share one sync, which starts when all of them have asked. */
function withSharedSyncs(plain: Disk): Disk {
  const asked = new Map<string, Promise<void>>();
  return {
    ...plain,
    syncDirectory(path) {
      const already = asked.get(path);
      if (already) return already;
      const sync = new Promise<void>((resolve) => void setImmediate(resolve)).then(() => {
        asked.delete(path);
        return plain.syncDirectory(path);
      });
      asked.set(path, sync);
      return sync;
    },
  };
}

async function outcomeOf({ id, ...file }: PublishJob): Promise<PublishOutcome> {
  try {
    return { id, stat: await publishWhole(disk, syncs, file), failure: null };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    return { id, stat: null, failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}
