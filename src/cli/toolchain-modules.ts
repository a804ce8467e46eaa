import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { modLines } from "../gomod/mod-lines.ts";
import { Problem } from "../kernel/problem.ts";
import type { SumVersion } from "./read-go-sums.ts";

const goos: Readonly<Record<string, string>> = { win32: "windows", sunos: "solaris" };
const goarch: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/**
 * The toolchains as the modules that `go` fetches them as. `names` such as `go1.26.0.linux-amd64` or `go1.26.0`, for
 * this machine; none: those that the go.mod beside each go.sum asks for. USAGE where a name is none, or where no go.mod
 * asks for any. https://go.dev/doc/toolchain
 */
export async function toolchainModules(
  names: readonly string[],
  goSums: readonly string[],
): Promise<readonly SumVersion[]> {
  const wanted = names.length > 0 ? names : (await Promise.all(goSums.map(toolchainBeside))).flat();
  if (wanted.length === 0) {
    throw new Problem(
      "USAGE",
      "No go.mod beside the go.sum files has a go or toolchain line, so no toolchain is known",
      {
        hint: "name it: --toolchain go1.26.0.linux-amd64",
      },
    );
  }
  return [...new Set(wanted)].map((name) => {
    const [, version = null, platform = null] =
      /^(go1\.\d+(?:\.\d+|rc\d+)?)(?:\.([a-z0-9]+-[a-z0-9]+))?$/.exec(name) ?? [];
    if (version === null) {
      throw new Problem("USAGE", `Cannot read "${name}" as a toolchain`, { hint: "write it as go1.26.0.linux-amd64" });
    }
    const here = `${goos[process.platform] ?? process.platform}-${goarch[process.arch] ?? process.arch}`;
    return { module: "golang.org/toolchain", version: `v0.0.1-${version}.${platform ?? here}`, hasZip: true };
  });
}

async function toolchainBeside(goSum: string): Promise<string[]> {
  const text = await readFile(join(dirname(goSum), "go.mod"), "utf8").catch(() => "");
  const lines = [...modLines(text)];
  const toolchain = lines.find(([verb]) => verb === "toolchain")?.[1];
  if (toolchain !== undefined) return [toolchain];
  const go = lines.find(([verb]) => verb === "go")?.[1];
  // Before 1.21 there are no toolchains to fetch, and `go 1.21` means the first release of it.
  const [, minor = "0", patch] = /^1\.(\d+)(\.\d+|rc\d+)?$/.exec(go ?? "") ?? [];
  return Number(minor) < 21 ? [] : [`go${go}${patch === undefined ? ".0" : ""}`];
}
