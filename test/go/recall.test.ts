import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep, systemClock } from "../../src/kernel/clock.ts";
import { recallLookMs } from "../../src/store/recalls.ts";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { cli } from "../testkit/run-cli.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const pay = (version: string, goMod = "module corp.example/pay\n"): Parameters<typeof moduleTree>[0][number] => ({
  path: "corp.example/pay",
  version,
  goMod,
  files: { "pay.go": `package pay\n\nconst Version = "${version}"\n` },
});

interface Report {
  readonly isNew: boolean;
  readonly takers: readonly { version: string; tenant: string; client: string; times: number; firstAt: string }[];
}

test("modgate cache recall blocks a version in a running gateway before it returns, and lists who took it", async () => {
  const tree = await moduleTree([pay("v1.0.0"), pay("v1.1.0"), pay("v1.2.0")]);
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, args: ["--processes", "2"] });
  await using go = await goCommand({ GOPROXY: modgate.url });
  await using place = await cli();
  const cache = async (...args: string[]): Promise<{ exitCode: number | null; report: Report; stdout: string }> => {
    const { exitCode, stdout, stderr } = await place.run(["cache", ...args, "--json", "--data", modgate.data]);
    assert.equal(stderr, "");
    return { exitCode, stdout, report: (JSON.parse(stdout) as { data: Report }).data };
  };
  const latest = async (): Promise<string> => {
    const { stdout, stderr } = await go.run(["list", "-m", "corp.example/pay@latest"]);
    return stdout.trim() || stderr;
  };
  assert.equal((await go.run(["mod", "download", "corp.example/pay@v1.2.0"])).exitCode, 0);
  assert.equal(await latest(), "corp.example/pay v1.2.0");

  const { report } = await cache("recall", "corp.example/pay@v1.2.0", "--reason", "leaks card numbers");
  assert.equal(report.isNew, true);
  assert.deepEqual(
    report.takers.map(({ version, tenant, client, times }) => [version, tenant, client, times]),
    [["v1.2.0", "anonymous", "127.0.0.1", 1]],
  );
  for (const file of ["info", "mod", "zip"]) {
    // Whichever process answers.
    for (let round = 0; round < 4; round++) {
      const { status, body } = await httpGet(modgate.url, `/corp.example/pay/@v/v1.2.0.${file}`);
      assert.equal(status, 403, file);
      assert.match(body.toString(), /corp\.example\/pay@v1\.2\.0 was recalled here on .*: leaks card numbers/);
    }
  }
  assert.equal((await httpGet(modgate.url, "/corp.example/pay/@v/list")).body.toString(), "v1.0.0\nv1.1.0\n");
  assert.equal(await latest(), "corp.example/pay v1.1.0");
  await go.coldCache();
  const refused = await go.run(["mod", "download", "corp.example/pay@v1.2.0"]);
  assert.notEqual(refused.exitCode, 0);
  assert.match(refused.stderr, /leaks card numbers/);

  // Again is no news; the module as a whole is.
  assert.equal((await cache("recall", "corp.example/pay@v1.2.0", "--reason", "again")).report.isNew, false);
  assert.equal((await cache("recall", "corp.example/pay", "--reason", "taken over")).report.isNew, true);
  assert.match(await latest(), /every version, was recalled.*taken over/s);
  assert.match((await cache("recalls")).stdout, /"version": null,\s+"reason": "taken over"/);
  assert.equal((await cache("unrecall", "corp.example/pay")).exitCode, 0);
  assert.equal((await cache("unrecall", "corp.example/pay@v1.2.0")).exitCode, 0);
  // As at a recall, it takes a tenth of a second until every process knows.
  await sleep(systemClock, 2 * recallLookMs);
  assert.equal(await latest(), "corp.example/pay v1.2.0");
  assert.equal((await cache("unrecall", "corp.example/pay@v1.2.0")).exitCode, 1, "it is not recalled any more");
});

test("modgate cache recall says what is wrong with its words", async () => {
  await using place = await cli();
  const rows: [string[], RegExp][] = [
    [["recall", "corp.example/pay@v1.2.0"], /A recall needs a reason/],
    [["recall", "corp.example/pay@main", "--reason", "x"], /"main" is no whole version, such as v1\.2\.3/],
    [["recall", "Corp!", "--reason", "x"], /Cannot read "Corp!": the module path has/],
    [["forget", "corp.example/pay"], /Cannot forget "corp\.example\/pay": want MODULE@VERSION/],
  ];
  for (const [args, want] of rows) {
    const { exitCode, stderr } = await place.run(["cache", ...args, "--data", place.folder]);
    assert.equal(exitCode, 2, args.join(" "));
    assert.match(stderr, want);
  }
});
