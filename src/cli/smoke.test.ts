import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { zipOf } from "../../test/testkit/module-zip.ts";
import { parseProxyBase } from "./proxy-request.ts";
import { curlOf, smoke, type SmokeCommand } from "./smoke.ts";

const pages: Record<string, string | Uint8Array> = {
  "/go/example.com/a/@v/v1.0.0.info": '{"Version":"v1.0.0"}',
  "/go/example.com/a/@v/v1.0.0.mod": "module example.com/a\n",
  "/go/example.com/a/@v/v1.0.0.zip": await zipOf([
    { name: "example.com/a@v1.0.0/go.mod", data: Buffer.from("module example.com/a\n") },
  ]),
  "/go/example.com/a/@v/list": "v1.0.0\n",
};

async function startProxy(changes: Record<string, string> = {}) {
  const asked: IncomingMessage[] = [];
  const served = { ...pages, ...changes };
  const server = createServer((request, response) => {
    asked.push(request);
    const page = served[request.url ?? ""];
    response.writeHead(page === undefined ? 404 : 200).end(page ?? "not found");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    asked,
    host: `127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

const commandOf = (url: string, changes: Partial<SmokeCommand> = {}): SmokeCommand => ({
  url,
  modules: ["example.com/a@v1.0.0"],
  sumdb: null,
  fetch,
  clock: new FakeClock(),
  signal: new AbortController().signal,
  ...changes,
});
const pipe = { paint: (_: string, text: string): string => text, width: null };

test("smoke prints a table with the curl line of each check and exits 0", async () => {
  await using proxy = await startProxy();
  const result = await smoke(commandOf(`http://user:s3cret@${proxy.host}/go/`));
  const url = `http://${proxy.host}/go`;
  const size = pages["/go/example.com/a/@v/v1.0.0.zip"]?.length;
  assert.equal(
    result.text(pipe),
    `RESULT  CHECK          STATUS  MS  BYTES  OF                    DETAIL
info    healthz           404   0      9                        no /healthz here: a proxy of another make
  curl -sSL -i '${url}/healthz'
ok      .info             200   0     20  example.com/a@v1.0.0  without a time
  curl -sSL -i '${url}/example.com/a/@v/v1.0.0.info'
ok      .mod              200   0     21  example.com/a@v1.0.0  module example.com/a
  curl -sSL -i '${url}/example.com/a/@v/v1.0.0.mod'
ok      .zip              200   0    ${size}  example.com/a@v1.0.0  1 file
  curl -sSL -o module.zip -D - '${url}/example.com/a/@v/v1.0.0.zip'
ok      list              200   0      7  example.com/a@v1.0.0  1 version
  curl -sSL -i '${url}/example.com/a/@v/list'
info    @latest           404   0      9  example.com/a@v1.0.0  not offered; go reads the list instead
  curl -sSL -i '${url}/example.com/a/@latest'
ok      absent module     404   0      9                        absent, as it should be
  curl -sSL -i '${url}/example.com/a/modgate-no-such-module/@v/list'
ok      invalid path      404   0      9                        refused, as it should be
  curl -sSL -i '${url}/example.com/!!bad/@v/list'

${url}: 6 ok, 0 failed, 2 for information
`,
  );
  assert.equal(result.exitCode, 0);
  const sent = new Set(proxy.asked.map((request) => request.headers.authorization));
  assert.deepEqual([...sent], [`Basic ${Buffer.from("user:s3cret").toString("base64")}`]);
  assert.doesNotMatch(JSON.stringify(result.data), /s3cret/);
});

test("smoke gives its checks as data and exits 1 where one failed", async () => {
  await using proxy = await startProxy({ "/go/example.com/a/@v/v1.0.0.mod": "<html>login</html>" });
  const result = await smoke(commandOf(`http://${proxy.host}/go`));
  assert.equal(result.exitCode, 1);
  assert.partialDeepStrictEqual(result.data, {
    url: `http://${proxy.host}/go`,
    reached: true,
    failures: 1,
    checks: [{}, {}, { name: ".mod", outcome: "failed", status: 200, detail: "no go.mod: <html>login</html>" }],
  });
  assert.match(result.text(pipe), /1 failed/);
});

test("smoke exits 3 where nobody answers, and says why", async () => {
  const gone = await startProxy();
  await gone[Symbol.asyncDispose]();
  const result = await smoke(commandOf(`http://${gone.host}`));
  assert.equal(result.exitCode, 3);
  assert.match(result.text(pipe), /^failed +healthz +- .*ECONNREFUSED/m);
  assert.match(result.text(pipe), /does not answer\n$/);
});

test("smoke asks for the documented module where none is named", async () => {
  await using proxy = await startProxy();
  await smoke(commandOf(`http://${proxy.host}`, { modules: [] }));
  assert.ok(proxy.asked.some((request) => request.url === "/golang.org/x/mod/@v/v0.17.0.zip"));
});

test("smoke refuses a URL or module that is none, with USAGE", async () => {
  for (const url of ["", "127.0.0.1:8080", "ftp://host", "direct"]) {
    await assert.rejects(smoke(commandOf(url)), { code: "USAGE" }, url);
  }
  for (const module of ["example.com/a", "example.com/a@latest"]) {
    await assert.rejects(smoke(commandOf("http://127.0.0.1:9", { modules: [module] })), { code: "USAGE" }, module);
  }
});

test("parseProxyBase keeps the path and takes the user out", () => {
  assert.deepEqual(parseProxyBase("https://u%40x:p%zz@proxy.test:8443/go//"), {
    url: "https://proxy.test:8443/go",
    authorization: `Basic ${Buffer.from("u@x:p%zz").toString("base64")}`,
  });
  assert.deepEqual(parseProxyBase("http://proxy.test"), { url: "http://proxy.test", authorization: null });
});

test("curlOf quotes what a shell would read", () => {
  assert.equal(curlOf("http://h", { name: "list", path: "/it's/@v/list" }), "curl -sSL -i 'http://h/it'\\''s/@v/list'");
});
