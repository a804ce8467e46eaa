import { vulndbKey } from "../gomod/parse-vulndb.ts";
import { openToAll } from "../policy/decide.ts";
import { wholeOf } from "./artifact.ts";
import type { ExchangeMaker } from "./exchange-maker.ts";
import { inProcessAsk } from "./in-process.ts";
import type { Obtainer } from "./obtain.ts";

/**
 * A file of the vulnerability database, for the gateway itself: from the cache, or from where it is had. Rejects as
 * Obtainer.obtain() does.
 */
export async function readVulndb(
  { obtainer, exchanges }: { readonly obtainer: Obtainer; readonly exchanges: ExchangeMaker },
  path: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const key = vulndbKey(path);
  const exchange = exchanges.begin(inProcessAsk(`/${key}`, signal), 0);
  const artifact = await obtainer.obtain(exchange, {
    request: { kind: "vulndb", path, isGzip: false, module: null, key },
    decision: openToAll,
    cacheOnly: obtainer.isOffline,
    chosenUpstream: null,
    authorization: null,
    headers: {},
    signal,
  });
  return wholeOf(artifact.file);
}
