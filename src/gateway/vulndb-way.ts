import { gzip } from "node:zlib";
import { promisify } from "node:util";
import type { ChainElement, UpstreamConfig } from "../config/config.ts";
import { Problem } from "../kernel/problem.ts";
import type { Artifact } from "../ports/ask.ts";
import type { StoredFile } from "../ports/store.ts";
import { fileFromBytes, wholeOf } from "./artifact.ts";

/** The chain of the one place that a vulnerability database is had from, reached like the first upstream. */
export function vulndbChain(url: string, like: UpstreamConfig): ChainElement[] {
  const upstream = {
    ...like,
    name: "vulndb",
    url,
    headers: {},
    forwardAuthorization: false,
    certFile: null,
    keyFile: null,
    notFound: [],
  };
  return [{ upstream, separator: "," }];
}

const compress = promisify(gzip);
// The index is asked for by every govulncheck, and compressed once.
const compressed = new WeakMap<StoredFile, StoredFile>();

/** A file of the database as `.json.gz`. */
export async function compressedArtifact(artifact: Artifact): Promise<Artifact> {
  const { file } = artifact;
  const known = compressed.get(file);
  const gz = known ?? fileFromBytes(`${file.key}.gz`, await compress(await wholeOf(file)), file.storedAtMs);
  compressed.set(file, gz);
  return { ...artifact, file: gz, contentType: "application/gzip" };
}

/** Where no vulnerability database is configured. */
export function noVulndb(): Problem {
  return new Problem("NOT_A_GO_REQUEST", "This gateway has no vulnerability database", {
    status: 404,
    hint: "the operator names a mirror or a folder: vulndb: {source: https://… or /path/of/folder}",
  });
}
