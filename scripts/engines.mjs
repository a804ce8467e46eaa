// Installs programs that benchmarks run beside modgate into .engines/, without root: npm run engines [NAME…]
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { enginePath, enginesFolder, pathOf } from "./engine-path.mjs";

// Debian packages: the program's own first, then libraries that a small system lacks.
const engines = {
  nginx: { packages: ["nginx", "libpcre2-8-0"], program: "usr/sbin/nginx", askVersion: ["-v"], least: [1, 18] },
  wrk: {
    packages: ["wrk", "libluajit-5.1-2", "libluajit2-5.1-2", "libluajit-5.1-common"],
    program: "usr/bin/wrk",
    askVersion: ["-v"],
    least: [4, 1],
  },
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in engines));
if (unknown.length > 0) {
  say(`There is no engine ${unknown.join(", ")}; known: ${Object.keys(engines).join(", ")}`);
  process.exit(2);
}
if (names.length === 0) {
  say(
    `no test needs an engine, so nothing is installed; for npm run bench: npm run engines ${Object.keys(engines).join(" ")}`,
  );
}
const missing = names.filter((name) => !provide(name, engines[name]));
// A laptop without an engine skips what needs it; a build that asked for it must not.
if (missing.length > 0 && process.env.CI === "true") process.exit(1);

function provide(name, engine) {
  const present = enginePath(name);
  const version = present && versionOf(present, engine);
  if (version && isEnough(version, engine.least)) {
    say(`${name} ${version.join(".")} is here: ${present}`);
    return true;
  }
  if (!pathOf("apt-get") || !pathOf("dpkg-deb")) {
    say(
      `${name} is missing, and only Debian's packages are known here: install ${name} ${engine.least.join(".")} or newer`,
    );
    return false;
  }
  const trouble = install(name, engine);
  if (trouble !== null) {
    say(`${name} could not be installed: ${trouble}`);
    return false;
  }
  const installed = versionOf(join(enginesFolder, "bin", name), engine);
  if (installed && isEnough(installed, engine.least)) {
    say(`${name} ${installed.join(".")} installed: ${join(enginesFolder, "bin", name)}`);
    return true;
  }
  say(`${name} was unpacked and does not run as ${engine.least.join(".")} or newer: is a library missing?`);
  return false;
}

/** Null, or why it did not work. What is there stays whole until the new one is unpacked. */
function install(name, { packages, program }) {
  mkdirSync(join(enginesFolder, "bin"), { recursive: true });
  const staging = mkdtempSync(join(enginesFolder, `.${name}-`));
  try {
    const [own, ...libraries] = packages;
    const got = run("apt-get", ["-q", "download", own], staging);
    if (got.status !== 0) return `apt-get download ${own}: ${lastLine(got.stderr)} (apt-get update may help)`;
    for (const library of libraries) run("apt-get", ["-q", "download", library], staging);
    for (const file of readdirSync(staging).filter((entry) => entry.endsWith(".deb"))) {
      const unpacked = run("dpkg-deb", ["-x", file, "root"], staging);
      if (unpacked.status !== 0) return `dpkg-deb -x ${file}: ${lastLine(unpacked.stderr)}`;
    }
    const home = join(enginesFolder, name);
    rmSync(home, { recursive: true, force: true });
    renameSync(join(staging, "root"), home);
    const launcher = join(enginesFolder, "bin", name);
    writeFileSync(launcher, launcherText(name, program));
    chmodSync(launcher, 0o755);
    return null;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

// The libraries unpacked beside it are of the system's own release, and relative to the folder, which may move.
function launcherText(name, program) {
  const machine = { x64: "x86_64", arm64: "aarch64" }[process.arch] ?? process.arch;
  return `#!/bin/sh
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../${name}" && pwd)
export LD_LIBRARY_PATH="$home/usr/lib/${machine}-linux-gnu\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$home/${program}" "$@"
`;
}

/** [major, minor, …], or null where it does not run. nginx and wrk say it on either stream, wrk with exit code 1. */
function versionOf(path, { askVersion }) {
  const { stdout, stderr } = run(path, askVersion);
  const found = /(\d+(?:\.\d+)+)/.exec(`${stdout ?? ""}${stderr ?? ""}`);
  return found ? found[1].split(".").map(Number) : null;
}

function isEnough(version, least) {
  for (const [index, wanted] of least.entries()) {
    if ((version[index] ?? 0) !== wanted) return (version[index] ?? 0) > wanted;
  }
  return true;
}

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function lastLine(text) {
  return (text ?? "").trim().split("\n").at(-1) ?? "";
}

function say(text) {
  process.stderr.write(`engines: ${text}\n`);
}
