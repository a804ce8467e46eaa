import { C1, C2, PSEUDO } from "./small-graph.ts";
import type { SeenRequest } from "./upstream-server.ts";

/**
 * Requests in the notation of GO-FACTS B: `a@v1.2.0.info` stands for `/example.com/a/@v/v1.2.0.info`,
 * `@list` for `/example.com/@v/list`, SUMDB for `/sumdb/NAME`; sorted, so that two runs compare equal.
 */
export function notation(requests: readonly SeenRequest[]): string[] {
  return requests.map((request) => shortName(request.path)).sort();
}

/** A cell of the tables of GO-FACTS B, in the same form. */
export function fromFacts(cell: string): string[] {
  return cell === "–" ? [] : cell.replaceAll("%21upper", "!upper").split(/\s+/).sort();
}

function shortName(path: string): string {
  const sumdb = /^\/sumdb\/localhost\.localdev\/sumdb\/(.*)$/.exec(path)?.[1];
  if (sumdb !== undefined) {
    const lookup = /^lookup\/example\.com\/(.*)$/.exec(sumdb)?.[1];
    return lookup === undefined ? `SUMDB/${sumdb}` : `SUMDB/lookup:${versionNames(lookup)}`;
  }
  return versionNames(
    path
      .replace(/^\/example\.com\//, "")
      .replace(/@v\/list$/, "@list")
      .replace("@v/", "@"),
  );
}

function versionNames(text: string): string {
  return text
    .replace("!upper/!camel!case", "Upper")
    .replace("v1.4.0-!r!c1", "v1.4.0-%21r%21c1")
    .replace(C1, "C1")
    .replace(C2, "C2")
    .replace(PSEUDO, "PSEUDO");
}
