import { matchPath } from "../gomod/glob.ts";
import { hasGlobSign } from "./pattern-index.ts";

/**
 * True where every module path that `inner` fits is surely one that `outer` fits. Never true by
 * mistake; false also where two globs are too entangled to tell.
 */
export function covers(outer: string, inner: string): boolean {
  const outerElements = elementsOf(outer);
  const innerElements = elementsOf(inner);
  if (outer === "" || inner === "" || outerElements.length > innerElements.length) return false;
  return outerElements.every((element, index) => coversElement(element, innerElements[index] ?? ""));
}

function elementsOf(pattern: string): string[] {
  return (pattern.endsWith("/") ? pattern.slice(0, -1) : pattern).split("/");
}

function coversElement(outer: string, inner: string): boolean {
  if (outer === inner || /^\*+$/.test(outer)) return true;
  return !hasGlobSign(inner) && matchPath(outer, inner) === true;
}
