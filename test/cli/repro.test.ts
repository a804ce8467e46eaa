import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { binFolder, cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Report {
  readonly verdict: { readonly cause: string; readonly statement: string };
  readonly arms: readonly { readonly name: string; readonly runs: readonly { readonly exitCode: number }[] }[];
}

test("modgate repro states that a client gives up before a slow server answers, whatever client it is", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using place = await cli();
  const script = join(place.folder, "client.mjs");
  await writeFile(
    script,
    'const answer = await fetch(process.env.MODGATE_TARGET + "/example.com/a/@v/list", { signal: AbortSignal.timeout(1000) });\nprocess.exit(answer.ok ? 0 : 1);\n',
  );
  const client = join(place.folder, "client.sh");
  await writeFile(client, `#!/bin/sh\nexec "${process.execPath}" "${script}"\n`);
  await chmod(client, 0o755);
  const args = ["--target", upstream.url, "--fault", "latency=20s", "--runs", "1", "--json", "--", client];
  const { exitCode, stdout, stderr } = await place.run(["repro", ...args]);
  assert.equal(exitCode, 1, stderr);
  const { verdict, arms } = (JSON.parse(stdout) as { data: Report }).data;
  assert.equal(verdict.cause, "fault", verdict.statement);
  assert.match(verdict.statement, /^It fails only with latency=20000ms; the client gives up after \d{3,4} ms\.$/);
  assert.deepEqual(
    arms.map(({ runs }) => runs[0]?.exitCode === 0),
    [true, true, false],
  );
});

test("modgate repro tells a fault of the proxy from a failure of go's own", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using go = await goCommand({ GOPROXY: upstream.url });
  const repro = async (version: string, ...faults: string[]): Promise<Report> => {
    const command = ["--", "go", "mod", "download", "-modcacherw", `example.com/a@${version}`];
    const all = ["repro", "--target", upstream.url, "--runs", "1", "--json", ...faults, ...command];
    // Each run downloads anew.
    const { stdout, stderr } = await go.exec(join(binFolder, "modgate"), all, { env: { GOFLAGS: "", GOMODCACHE: "" } });
    assert.notEqual(stdout, "", stderr);
    return (JSON.parse(stdout) as { data: Report }).data;
  };
  assert.equal((await repro("v9.9.9")).verdict.cause, "target");
});

test("modgate repro says what is missing", async () => {
  await using place = await cli();
  const rows: [string[], RegExp][] = [
    [["--", "true"], /A target is missing\n {2}help: modgate repro --target/],
    [["--target", "http://127.0.0.1:1", "--", "./no-such-command"], /Cannot run "\.\/no-such-command"/],
  ];
  for (const [args, want] of rows) {
    const { exitCode, stderr } = await place.run(["repro", ...args]);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, want);
  }
});
