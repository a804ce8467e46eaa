import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { toolchainModules } from "./toolchain-modules.ts";

const linux = "linux-amd64";

test("toolchainModules takes names, and otherwise what the go.mod beside each go.sum asks for", async () => {
  await using folder = await tempDir("toolchains");
  const goSums: string[] = [];
  for (const [name, lines] of [
    ["a", "go 1.24\n"],
    ["b", "go 1.24.1\ntoolchain go1.25.3\n"],
    ["c", "go 1.20\n"],
    ["d", "go 1.24\n"],
    ["e", "go 1.26rc1\n"],
  ] as const) {
    await mkdir(join(folder.path, name));
    await writeFile(join(folder.path, name, "go.mod"), `module example.com/${name}\n\n${lines}`);
    goSums.push(join(folder.path, name, "go.sum"));
  }
  const versions = async (names: readonly string[], files: readonly string[]): Promise<readonly string[]> =>
    (await toolchainModules(names, files)).map(({ version }) => version.replace(/\.[a-z0-9]+-[a-z0-9]+$/, `.${linux}`));
  assert.deepEqual(await versions([], goSums), [
    `v0.0.1-go1.24.0.${linux}`,
    `v0.0.1-go1.25.3.${linux}`,
    `v0.0.1-go1.26rc1.${linux}`,
  ]);
  assert.deepEqual(
    (await toolchainModules(["go1.26.0.windows-arm64"], goSums)).map(({ module, version }) => `${module}@${version}`),
    ["golang.org/toolchain@v0.0.1-go1.26.0.windows-arm64"],
  );
  await assert.rejects(versions(["1.26"], goSums), /Cannot read "1\.26" as a toolchain/);
  await assert.rejects(versions([], goSums.slice(2, 3)), /no toolchain is known/);
});
