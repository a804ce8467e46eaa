import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { serveHttp } from "../testkit/test-chain.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const tree = await smallGraph();
const upstream = await UpstreamServer.start({ tree });
const questions: string[] = [];
const hook = await serveHttp((request, response) => {
  void text(request).then((body) => {
    questions.push(body);
    const { version } = JSON.parse(body) as { version: string };
    const answers: Record<string, string> = {
      "v1.1.0": '{"allow":true}',
      "v1.0.0": '{"allow":false,"reason":"recalled by the vendor, see SEC-42"}',
    };
    response.writeHead(answers[version] ? 200 : 500).end(answers[version]);
  });
});
const modgate = await ModgateProcess.start({
  config: {
    upstream: upstream.url,
    webhook: { url: `${hook.url}/check`, patterns: ["example.com/b"], timeout: "5s" },
    confirm: { patterns: ["example.com/a"], every: "0s" },
    cache: { negativeTtl: "0s" },
    upstreamDefaults: { retry: { attempts: 1 }, breaker: { failures: 1000 } },
  },
});
after(async () => {
  await modgate[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await hook[Symbol.asyncDispose]();
});

test("the webhook's reason reaches the terminal of who runs go, and what it allows is built", async () => {
  await using go = await goCommand({ GOPROXY: `${modgate.url},${upstream.url}` });
  const denied = await go.run(["mod", "download", "example.com/b@v1.0.0"]);
  assert.equal(denied.exitCode, 1);
  assert.match(
    denied.stderr,
    /403 Forbidden\n\tserver response:\n\tmodgate: denied: example\.com\/b@v1\.0\.0 is denied: recalled by the vendor, see SEC-42\n/,
  );
  assert.equal(upstream.requests.length, 0, "nor does go walk around the gateway");
  const allowed = await go.run(["mod", "download", "example.com/b@v1.1.0"]);
  assert.equal(allowed.exitCode, 0, allowed.stderr);
  assert.equal(questions.length, 2, "one question for all three files of a version");
  assert.deepEqual(JSON.parse(questions[1] ?? ""), {
    module: "example.com/b",
    version: "v1.1.0",
    endpoint: "info",
    client: "127.0.0.1",
  });
});

test("a webhook that fails is closed, and the refusal says so", async () => {
  const { status, body } = await httpGet(modgate.url, "/example.com/b/@v/v1.2.0.info");
  assert.equal(status, 403);
  assert.match(body.toString(), /the validation hook failed \(status 500\) and fails closed/);
});

test("confirmed copies: go is told when the upstream has another file now, with both hashes, or none at all", async () => {
  const stem = "/example.com/a/@v/v1.0.0";
  for (const kind of ["info", "mod", "zip"]) {
    await httpGet(modgate.url, `${stem}.${kind}`);
    // Until a file is on the disk it is served as what was just fetched.
    while (!existsSync(join(modgate.data, "cache", `${stem}.${kind}`)))
      await new Promise((resolve) => void setTimeout(resolve, 5));
  }
  await using go = await goCommand({ GOPROXY: modgate.url });
  const download = ["mod", "download", "example.com/a@v1.0.0"];
  assert.equal((await go.run(download)).exitCode, 0, "unchanged");

  const other = "module example.com/a\n\ngo 1.22\n";
  const mend = upstream.fail({ match: "*.mod", fault: { kind: "status", status: 200, body: other } });
  await go.coldCache();
  const changed = await go.run(download);
  const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  assert.match(changed.stderr, /502 Bad Gateway\n\tserver response:\n\tmodgate: damaged: /);
  for (const hash of [sha256(tree.get("example.com/a", "v1.0.0").mod), sha256(other)])
    assert.match(changed.stderr, new RegExp(`sha256 ${hash}`));
  mend();

  const gone = upstream.fail({ match: "*.info", fault: { kind: "status", status: 404 } });
  await go.coldCache();
  assert.match((await go.run(download)).stderr, /410 Gone\n\tserver response:\n\tmodgate: absent: /);
  gone();
  await go.coldCache();
  assert.equal((await go.run(download)).exitCode, 0, "the copy was never lost");
});
