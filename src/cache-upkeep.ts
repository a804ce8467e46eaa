import type { BuiltGeneration } from "./build-generation.ts";
import { versionFilePath } from "./gomod/keys.ts";
import { CacheVerifier } from "./gateway/cache-verifier.ts";
import { askInProcess } from "./gateway/in-process.ts";
import { verifyRounds } from "./gateway/verify-rounds.ts";
import type { Clock } from "./kernel/clock.ts";
import type { Problem } from "./kernel/problem.ts";
import type { Trust } from "./ports/trust.ts";
import { versionsAfter } from "./store/cache-listing.ts";
import { pathOfKey } from "./store/data-folder.ts";
import type { FileStore } from "./store/file-store.ts";

interface UpkeepParts {
  readonly store: FileStore;
  readonly trust: Trust;
  readonly clock: Clock;
}

/** Verifies cached files as a configuration proves them. */
export function cacheVerifier(generation: BuiltGeneration, { store, trust, clock }: UpkeepParts): CacheVerifier {
  return new CacheVerifier({
    ...trust,
    store,
    clock,
    pathOf: (key) => pathOfKey(store.parts.folder, key),
    prover: generation.prover,
    isPrivate: (module) => generation.rules.decideModule(module).private,
  });
}

const versionsAtOnce = 100;

/** Verifies the cache in the background, as the configuration of the moment proves it, until it is disposed of. */
export function verifyInBackground(
  current: () => BuiltGeneration | null,
  parts: UpkeepParts & { readonly onTrouble: (problem: Problem) => void },
): AsyncDisposable {
  const { store, clock, onTrouble } = parts;
  const stop = new AbortController();
  const cache = current()?.config.cache;
  const everyMs = cache?.verifyEveryMs ?? null;
  const done =
    everyMs === null || cache === undefined
      ? Promise.resolve()
      : verifyRounds(
          {
            clock,
            onTrouble,
            everyMs,
            bytesPerSecond: cache.verifyBytesPerSecond,
            verifier: {
              verify(version, signal) {
                const generation = current();
                if (generation === null) return Promise.resolve({ bytes: 0, findings: [] });
                return cacheVerifier(generation, parts).verify(version, signal);
              },
            },
            versionsAfter: (last) => versionsAfter(store.parts, last, versionsAtOnce),
            async refetch(finding, signal) {
              const generation = current();
              if (generation !== null)
                await askInProcess(generation, versionFilePath(finding.module, finding.version, finding.file), signal);
            },
          },
          stop.signal,
        );
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}
