import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Fault } from "../testkit/fault.ts";
import { goCommand } from "../testkit/go-command.ts";
import { checkGolden, steady } from "../testkit/golden.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { tempDir, type TempDir } from "../testkit/temp-dir.ts";
import { testCa } from "../testkit/test-ca.ts";
import { deadPort } from "../testkit/dead-port.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

/** GO-FACTS A.1 and A.6: upstreams that cannot be reached, are not who they claim to be, or never end. */
interface BadUpstream {
  readonly name: string;
  readonly url: string;
  readonly status: number;
  /** Authority file that the upstream trusts; null: the machine's own. */
  readonly ca?: string;
  /** What the developer must be told about it. */
  readonly says: RegExp;
}

const closers: AsyncDisposable[] = [];
let folder: TempDir;
let rows: BadUpstream[];
let modgate: ModgateProcess;

before(async () => {
  folder = await tempDir("connections");
  closers.push(folder);
  rows = await badUpstreams();
  const timeouts = { connect: "700ms", headers: "700ms", idle: "700ms", total: "3s" };
  modgate = await ModgateProcess.start({
    config: {
      upstream: rows[0]?.url,
      upstreams: Object.fromEntries(
        rows.map(({ name, url, ca }) => [
          name,
          { url, ca, timeouts, retry: { attempts: 1 }, breaker: { failures: 1000 } },
        ]),
      ),
      rules: rows.map(({ name }) => ({ pattern: `example.com/${name}`, action: "allow", upstreams: [name] })),
    },
  });
  closers.push(modgate);
});

after(async () => {
  for (const closer of closers.reverse()) await closer[Symbol.asyncDispose]();
});

async function badUpstreams(): Promise<BadUpstream[]> {
  const trusted = await testCa();
  const strange = await testCa("Strange CA");
  const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
  const ca = join(folder.path, "ca.pem");
  await writeFile(ca, trusted.cert);
  const start = async (tls?: {
    cert: string;
    key: string;
    ca?: string;
    requestCert?: boolean;
  }): Promise<UpstreamServer> => {
    const server = await UpstreamServer.start({ tree, tls });
    closers.push(server);
    return server;
  };
  const failing = async (fault: Fault): Promise<string> => {
    const server = await UpstreamServer.start({
      tree: await moduleTree([{ path: "example.com/stalled-body", version: "v1.0.0" }]),
    });
    closers.push(server);
    server.fail({ match: "*", fault });
    return server.url;
  };
  const expired = await start(await trusted.issue({ expired: true }));
  const unknown = await start(await strange.issue());
  const otherName = await start(await trusted.issue({ names: ["other.example"], addresses: ["127.0.0.9"] }));
  const demanding = await start({ ...(await trusted.issue()), ca: trusted.cert, requestCert: true });
  const plain = await start();
  return [
    { name: "conn-refused", url: `http://127.0.0.1:${await deadPort()}`, status: 502, says: /refused/i },
    { name: "dns-failure", url: "http://no-such-host.invalid", status: 502, says: /no such host/ },
    { name: "tls-unknown-ca", url: unknown.url, status: 502, says: /certificate/i },
    { name: "tls-expired", url: expired.url, ca, status: 502, says: /expired/i },
    { name: "tls-wrong-name", url: otherName.url, ca, status: 502, says: /127\.0\.0\.1|altname/i },
    { name: "tls-client-cert-required", url: demanding.url, ca, status: 502, says: /certificate|closed/i },
    { name: "https-url-plain-http-server", url: plain.url.replace("http:", "https:"), status: 502, says: /TLS|SSL/i },
    {
      name: "http-url-tls-server",
      url: unknown.url.replace("https:", "http:"),
      status: 502,
      says: /closed|reset|hang|ended|HTTP/i,
    },
    { name: "tls-silent", url: `https://127.0.0.1:${await silentPort()}`, status: 504, says: /700 ?ms|0\.7 ?s/ },
    { name: "silent", url: await failing({ kind: "silent" }), status: 504, says: /700 ?ms|0\.7 ?s/ },
    {
      name: "stalled-body",
      url: await failing({ kind: "stall", afterBytes: 5 }),
      status: 504,
      says: /700 ?ms|0\.7 ?s/,
    },
  ];
}

/** A port that accepts and then says nothing. */
async function silentPort(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push({
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

test("serve calls every upstream that cannot be used unreachable, in time, and go stops there", async () => {
  const tree = await moduleTree(rows.map(({ name }) => ({ path: `example.com/${name}`, version: "v1.0.0" })));
  await using second = await UpstreamServer.start({ tree, name: "P2" });
  await using go = await goCommand();
  const wrong: string[] = [];
  const sections: string[] = [];
  for (const row of rows) {
    const answer = await httpGet(modgate.url, `/example.com/${row.name}/@v/v1.0.0.info`);
    const body = answer.body.toString();
    const check = (isRight: boolean, claim: string): void =>
      void (isRight || wrong.push(`${row.name}: ${claim}: ${body}`));
    check(answer.status === row.status, `want ${row.status}, got ${answer.status}`);
    check(body.startsWith("modgate: unreachable:"), "is unreachable");
    check(row.says.test(body.split("\n").slice(1).join("\n")), `says ${row.says.source}`);
    check(Number(answer.headers["retry-after"]) > 0, "carries Retry-After");
    second.reset();
    const env = { GOPROXY: `${modgate.url},${second.url}` };
    const result = await go.run(["mod", "download", `example.com/${row.name}@v1.0.0`], { env, deadlineMs: 20_000 });
    check(result.exitCode === 1 && second.hits() === 0, "go stops and does not walk around");
    const printed = steady(result.stderr, {
      MODGATE: `127.0.0.1:${new URL(modgate.url).port}`,
      P2: `127.0.0.1:${second.port}`,
    });
    sections.push(`${row.name} → ${answer.status}\n${printed.trimEnd().replace(/^/gm, "    ")}\n`);
  }
  assert.deepEqual(wrong, []);
  await checkGolden("upstream-connections.txt", sections.join("\n"));
});
