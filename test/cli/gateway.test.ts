import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { deadPort } from "../testkit/dead-port.ts";
import { checkGolden } from "../testkit/golden.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { type CliResult, cli, transcript } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testCa } from "../testkit/test-ca.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

test("modgate smoke and explain say how a running gateway answers", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  const rules = "[{pattern: example.com/inc, action: deny, reason: use example.com/a}]";
  await using modgate = await ModgateProcess.start({
    config: { upstream: "P1", upstreams: { P1: { url: upstream.url, retry: { attempts: 1 } } } },
    args: ["--rules", rules],
  });
  upstream.fail({ match: "/example.com/dep/*", fault: { kind: "status", status: 503 } });
  await httpGet(modgate.url, "/example.com/dep/@v/v1.0.0.info");
  await using place = await cli();
  const gateway = ["--gateway", modgate.url];
  const smoke = ["--module", "example.com/a@v1.2.0", "--sumdb", "off"];
  const commands = [
    ["smoke", modgate.url, ...smoke],
    ["smoke", modgate.url, ...smoke, "--json"],
    ["smoke", modgate.url, "--module", "example.com/inc@v1.0.0", "--sumdb", "off"],
    ["smoke", modgate.url, "--module", "example.com/a"],
    ["explain", "example.com/dep@v1.0.0", ...gateway],
    ["explain", "example.com/a@v1.2.0", ...gateway],
    ["explain", "example.com/inc@v1.0.0", "--live", ...gateway],
    ["explain", "UPSTREAM_DENIED"],
    ["explain", "MG1101", "--json"],
    ["explain", "example.com/a@v1.3.0", "--gateway", `http://127.0.0.1:${await deadPort()}`],
    ["explain", "example.com/a@v1.3.0", "--gateway", upstream.url],
  ];
  const runs: CliResult[] = [];
  for (const args of commands) runs.push(await place.run(args));
  const hosts = { MODGATE: modgate.url, UPSTREAM: upstream.url, UPSTREAM_HOST: new URL(upstream.url).host };
  const page = runs.map((run) => transcript(run, hosts)).join("\n");
  await checkGolden("cli/gateway.txt", changing(page));
});

test("modgate smoke trusts the authority of SSL_CERT_FILE, as go does, and names ca: without it", async () => {
  const ca = await testCa();
  await using upstream = await UpstreamServer.start({ tree: await smallGraph(), tls: await ca.issue() });
  await using place = await cli();
  const file = join(place.folder, "ca.pem");
  await writeFile(file, ca.cert);
  const args = ["smoke", upstream.url, "--module", "example.com/a@v1.2.0", "--sumdb", "off"];
  const trusting = await place.run(args, { SSL_CERT_FILE: file });
  assert.match(trusting.stdout, /ok +\.info +200/);
  const other = await place.run(args);
  assert.equal(other.exitCode, 3);
  assert.match(other.stdout, /unable to verify the first certificate/);
  assert.doesNotMatch(other.stdout, /use-system-ca/);
});

// Times, widths of columns that depend on them, and sizes of refusals, which name a time or a port.
function changing(page: string): string {
  return page
    .replace(/("status": 4\d\d,\s+)"tookMs": [\d.]+(,\s+)"bytes": \d+/g, '$1"tookMs": {MS}$2"bytes": {BYTES}')
    .replace(/"tookMs": [\d.]+/g, '"tookMs": {MS}')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z {2}/g, "{TIME}  ")
    .replace(/\b(?:\d+m )?\d+(?:\.\d)? ?m?s ago/g, "{TIME} ago")
    .replace(/^((?:ok|failed|info|skipped) +.{1,16} +(?:2\d\d|-)) +\d+ +(\d+)/gm, "$1 {MS} $2")
    .replace(/^((?:ok|failed|info|skipped) +.{1,16} +4\d\d) +\d+ +\d+/gm, "$1 {MS} {BYTES}")
    .replace(/^RESULT .*$/gm, (titles) => titles.replace(/ {2,}/g, "  "));
}
