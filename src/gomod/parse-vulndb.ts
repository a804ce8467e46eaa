import { Problem } from "../kernel/problem.ts";
import { quote } from "./quote.ts";
import type { GoRequest } from "./request.ts";

const form = /^(index\/(?:db|modules|vulns)|ID\/GO-\d{4}-\d{1,9})\.json(\.gz)?$/;

/**
 * Reads a request to the vulnerability database, its path decoded and behind `vulndb/`: `index/db.json`,
 * `index/modules.json`, `index/vulns.json` and `ID/GO-YEAR-NUMBER.json`, each with `.gz` too. NOT_A_GO_REQUEST.
 * https://go.dev/doc/security/vuln/database#api
 */
export function parseVulndbPath(path: string): Extract<GoRequest, { readonly kind: "vulndb" }> {
  const [, stem, gz] = form.exec(path) ?? [];
  if (stem !== undefined) {
    return {
      kind: "vulndb",
      path: `${stem}.json`,
      isGzip: gz !== undefined,
      module: null,
      key: vulndbKey(`${stem}.json`),
    };
  }
  throw new Problem("NOT_A_GO_REQUEST", `${quote(`/vulndb/${path}`)} is no file of a vulnerability database`, {
    hint: "ask /vulndb/index/db.json, index/modules.json, index/vulns.json or ID/GO-YEAR-NUMBER.json, or each with .gz",
  });
}

/** The place of a file of the vulnerability database in the file tree. */
export function vulndbKey(path: string): string {
  return `vulndb/${path}`;
}
