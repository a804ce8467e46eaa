import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { binFolder, cli } from "../testkit/run-cli.ts";

// What a key press does: bash calls the function that `complete` has registered, and reads COMPREPLY.
const bashDriver = `
source <(modgate completion bash)
source <(modgate completion bash)
offered() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
  local registered
  registered=$(complete -p modgate)
  [[ $registered =~ -F\\ ([^ ]+) ]] || exit 9
  "\${BASH_REMATCH[1]}" modgate
  echo "\${COMPREPLY[*]}"
}
offered modgate ''
offered modgate cache p
offered modgate cache list --so
offered modgate serve --cache-m
offered modgate cache list --color ''
offered modgate config check --config ./
offered modgate cache list '$(touch evaluated)'
complete -p modgate
`;

test("modgate completion bash completes commands, flags and files in a bash without bash-completion", async () => {
  await using place = await cli();
  await writeFile(join(place.folder, "driver.sh"), bashDriver);
  const ran = spawnSync("bash", ["--noprofile", "--norc", "driver.sh"], {
    cwd: place.folder,
    env: { PATH: `${binFolder}:${process.env["PATH"]}`, HOME: place.folder },
    encoding: "utf8",
  });
  assert.deepEqual([ran.status, ran.stderr], [0, ""]);
  assert.deepEqual(ran.stdout.split("\n"), [
    "serve smoke explain doctor audit-cache fault repro cache sumdb bundle config lab completion",
    "prefetch pin prune",
    "--sort",
    "--cache-max-size --cache-memory --cache-max-stale",
    "auto always never",
    // Nothing: -o default then gives names of files.
    "",
    "",
    "complete -o default -F _modgate modgate",
    "",
  ]);
  const evaluated = spawnSync("ls", ["evaluated"], { cwd: place.folder });
  assert.notEqual(evaluated.status, 0, "nothing of the command line is evaluated");
});

// zsh completes in its line editor alone, so the driver stands in for _describe and _files.
const zshDriver = `
compdef() { echo "compdef $*" }
_describe() { print -l "\${(P)2[@]}" }
_files() { echo files }
source <(modgate completion zsh)
offered() { words=("$@"); CURRENT=$#words; _modgate }
offered modgate cache p
offered modgate config check --config ./
`;

test("modgate completion zsh loads in zsh and describes what it offers", async (t) => {
  if (spawnSync("zsh", ["--version"]).error) return t.skip("zsh is not installed");
  await using place = await cli();
  await writeFile(join(place.folder, "driver.zsh"), zshDriver);
  const ran = spawnSync("zsh", ["--no-rcs", "driver.zsh"], {
    cwd: place.folder,
    env: { PATH: `${binFolder}:${process.env["PATH"]}`, HOME: place.folder },
    encoding: "utf8",
  });
  assert.deepEqual([ran.status, ran.stderr], [0, ""]);
  assert.deepEqual(ran.stdout.split("\n"), [
    "compdef _modgate modgate",
    "prefetch:Fetch everything that go.sum files name into the cache, in parallel",
    "pin:Keep every version of go.sum files from eviction and pruning",
    "prune:Remove files from the cache, the least recently used first, pinned ones never",
    "files",
    "",
  ]);
});

test("modgate completion gives its script as data under --json", async () => {
  await using place = await cli();
  const [text, json] = await Promise.all([
    place.run(["completion", "fish"]),
    place.run(["completion", "fish", "--json"]),
  ]);
  assert.partialDeepStrictEqual(JSON.parse(json.stdout), { data: { shell: "fish", script: text.stdout } });
});
