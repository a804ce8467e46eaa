import { Problem } from "../kernel/problem.ts";
import { parseInfo } from "../gomod/info.ts";
import { looksLikeModFile } from "../gomod/mod-file.ts";
import { looksLikeVersionList } from "../gomod/version-list.ts";
import type { StagedFile, Store } from "../ports/store.ts";
import type { UpstreamBody } from "../ports/upstream.ts";
import type { FetchedRequest } from "./errand.ts";

const mebibyte = 1024 * 1024;
// golang.org/x/mod/zip: MaxZipFile, MaxGoMod. Toolchains alone are larger than the first allows for sources.
const maxBytes = { zip: 500 * mebibyte, mod: 16 * mebibyte, other: 64 * mebibyte };

/**
 * Stages the body of an answer and looks at it: what comes back is whole and is what was asked for.
 * UPSTREAM_DAMAGED where it is not, with nothing left behind, saying what came instead and not from whom: the chain
 * names the upstream. STORE_FAILED where it cannot be written.
 */
export async function receive(store: Store, request: FetchedRequest, body: UpstreamBody): Promise<StagedFile> {
  const staged = await store.stage(request.key);
  try {
    const limit = limitOf(request);
    for await (const chunk of body.chunks) {
      if (staged.size + chunk.length > limit) throw tooLarge(limit);
      await staged.write(chunk);
    }
    await check(request, staged);
    return staged;
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

async function check(request: FetchedRequest, staged: StagedFile): Promise<void> {
  switch (request.kind) {
    case "info":
      parseInfo(await whole(staged), request.version);
      return;
    case "query":
    case "latest":
      parseInfo(await whole(staged), null);
      return;
    case "mod":
      return demand(looksLikeModFile(await whole(staged)), "it is no go.mod file: it has no module line");
    case "list":
      return demand(looksLikeVersionList(await whole(staged)), "it is no list of versions");
    case "vulndb":
      return demand(isJson(await whole(staged)), "it is no JSON");
    case "zip":
      // Its proof reads it whole, in another thread, and judges its form with it.
      return;
  }
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}

function whole(staged: StagedFile): Promise<Uint8Array> {
  return staged.read(0, staged.size);
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Problem("UPSTREAM_DAMAGED", otherwise);
}

function limitOf(request: FetchedRequest): number {
  if (request.kind === "zip") return request.module === "golang.org/toolchain" ? 4 * maxBytes.zip : maxBytes.zip;
  return request.kind === "mod" ? maxBytes.mod : maxBytes.other;
}

function tooLarge(limit: number): Problem {
  return new Problem("UPSTREAM_DAMAGED", `more than ${limit / mebibyte} MiB, the limit for this kind of file`);
}
