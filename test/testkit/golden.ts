import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const folder = join(import.meta.dirname, "../golden");

/** Compares with test/golden/NAME; `npm run golden` rewrites it instead, and the diff is then reviewed. */
export async function checkGolden(name: string, actual: string): Promise<void> {
  const path = join(folder, name);
  if (process.env["MODGATE_GOLDEN"] === "rewrite") {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, actual);
    return;
  }
  const expected = await readFile(path, "utf8").catch(() => "");
  assert.equal(actual, expected, `differs from test/golden/${name}; rewrite it with npm run golden`);
}

/** Replaces what differs from run to run: named hosts first, then request ids, local ports and durations. */
export function steady(text: string, hosts: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, host] of Object.entries(hosts)) result = result.replaceAll(host, `{${name}}`);
  return result
    .replace(/127\.0\.0\.1:[0-9]+/g, "127.0.0.1:{PORT}")
    .replace(/\brequest [0-9a-hjkmnp-tv-z]{13}\b/g, "request {ID}")
    .replace(/\b[0-9]+(?:\.[0-9]+)? ?ms\b/g, "{MS} ms");
}
