import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeSources } from "../../test/testkit/config-sources.ts";
import { Problem } from "../kernel/problem.ts";
import { explainConfig } from "./explain-config.ts";
import { loadConfig } from "./load-config.ts";

const withFile = (text: string, more: Parameters<typeof fakeSources>[0] = {}) =>
  fakeSources({ ...more, files: { "/desk/modgate.yaml": text, ...more.files } });

async function faultsOf(sources: ReturnType<typeof fakeSources>): Promise<readonly string[]> {
  try {
    await loadConfig(sources);
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.equal(error.code, "CONFIG_INVALID");
    assert.equal(error.message, error.tried[0]);
    return error.tried;
  }
  assert.fail("want CONFIG_INVALID");
}

test("loadConfig needs nothing: upstreams, sumdb and private come from go, data from the XDG folder", async () => {
  const { config, file } = await loadConfig(fakeSources({ goEnv: { GOPRIVATE: "corp.example,x.example/*" } }));
  assert.deepEqual(config.listen, [{ address: "127.0.0.1:8080" }]);
  assert.deepEqual(
    config.chain.map(({ upstream, separator }) => [upstream.name, upstream.url, separator]),
    [
      ["goproxy.example", "https://goproxy.example", ","],
      ["direct", "direct", ","],
    ],
  );
  assert.equal(config.sumdb?.name, "sum.golang.org");
  assert.deepEqual(config.private, ["corp.example", "x.example/*"]);
  assert.equal(config.data, "/home/dev/.local/share/modgate");
  assert.equal((await loadConfig(fakeSources({ env: { XDG_DATA_HOME: "/xdg" } }))).config.data, "/xdg/modgate");
  assert.equal(file, null);
});

test("loadConfig reads the flags of serve as the first page shows them", async () => {
  const flags = {
    listen: ["127.0.0.1:0,[::1]:8081", "unix:/run/m.sock"],
    data: "cache",
    upstream: "https://a.example,https://b.example|https://c.example,direct",
    sumdb: "off",
    processes: "4",
    network: "offline",
    private: "corp.example,*.corp.example",
  };
  const { config } = await loadConfig(fakeSources({ flags, goEnv: null }));
  assert.deepEqual(
    config.listen.map(({ address }) => address),
    ["127.0.0.1:0", "[::1]:8081", "unix:/run/m.sock"],
  );
  assert.equal(config.data, "/desk/cache");
  assert.deepEqual(
    config.chain.map(({ upstream, separator }) => upstream.name + separator),
    ["a.example,", "b.example|", "c.example,", "direct,"],
  );
  assert.equal(config.sumdb, null);
  assert.equal(config.processes, 4);
  assert.equal(config.network, "offline");
  assert.deepEqual(config.private, ["corp.example", "*.corp.example"]);
});

test("loadConfig gives a configuration that nobody can change", async () => {
  const { config } = await loadConfig(withFile("rules: [{pattern: a.com, action: deny}]"));
  const frozen = (value: unknown): boolean =>
    typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
  assert.ok(frozen(config));
  assert.equal(config.rules[0]?.source, "modgate.yaml:1");
});

test("loadConfig says all that is wrong, each with place, path and what would be right", async () => {
  const text = [
    "listen: 127.0.0.1:8080",
    "cache:",
    "  ttl: 5 minutes",
    "  maxsize: 10GiB",
    "drian: 3s",
    "cache.memory: 1GiB",
    "rules:",
    "  - {pattern: a.com, action: block}",
    "  - {action: deny}",
    "canary: {share: 1.5}",
    "tls:",
    "upstreams:",
    "  direct: {url: https://x.example}",
    "  corp: {url: 'https://x.example', timeouts: {conect: 3s}}",
  ].join("\n");
  const sources = withFile(text, {
    env: { MODGATE_PROCESSES: "many", MODGATE_RULES: "[{pattern: a.com, action: no}]" },
    flags: { drain: "1y", nosuch: "x" },
  });
  assert.deepEqual(
    await faultsOf(sources),
    [
      "flag --nosuch: is no flag of the configuration; want one of docs/config.md",
      'modgate.yaml:1:9 listen: "127.0.0.1:8080" is wrong; want a list of addresses, such as [127.0.0.1:8080]',
      'modgate.yaml:3:8 cache.ttl: "5 minutes" is wrong; want a duration such as 30s, 1h30m or 7d, from 0s to 3650d',
      "modgate.yaml:4:3 cache.maxsize: is no setting; want maxSize",
      "modgate.yaml:5:1 drian: is no setting; want drain",
      "modgate.yaml:6:1 cache.memory: is no setting; want it below its group, cache: {memory: …}",
      'modgate.yaml:8:30 rules[0].action: "block" is wrong; want allow or deny',
      "modgate.yaml:9:5 rules[1].pattern: is missing; want a module path or a glob over one, such as github.com/corp/*",
      "modgate.yaml:10:17 canary.share: 1.5 is wrong; want a share from 0 to 1, such as 0.1",
      'modgate.yaml:13:3 upstreams.direct: the name "direct" is wrong; want letters, digits, dots and dashes, and neither direct nor off',
      "modgate.yaml:14:47 upstreams.corp.timeouts.conect: is no setting; want connect",
      'env MODGATE_PROCESSES: "many" is wrong; want a whole number from 1 to 256',
      'flag --drain: "1y" is wrong; want a duration such as 30s, 1h30m or 7d, from 0s to 24d',
      'env MODGATE_RULES:1:27 rules[0].action: "no" is wrong; want allow or deny',
    ].toSorted((one, other) => order(one) - order(other)),
  );
});

// Flags that are none, then the file from the top, then the settings in the order of the table.
function order(line: string): number {
  const row = /^modgate\.yaml:(\d+)/.exec(line)?.[1];
  if (line.includes("--nosuch")) return 0;
  return row === undefined
    ? 1000 + ["PROCESSES", "--drain", "RULES"].findIndex((word) => line.includes(word))
    : Number(row);
}

test("loadConfig refuses broken upstream lists and checksum databases with the mend", async () => {
  const rows: [Record<string, string>, RegExp][] = [
    [
      { upstream: "ftp://x.example" },
      /^flag --upstream: "ftp:\/\/x\.example" is wrong: its scheme is "ftp"; want an https/,
    ],
    [{ upstream: ", |" }, /^flag --upstream: has no entries; want URL,URL\|URL,direct$/],
    [
      { upstream: "corpp", upstreams: "{corp: {url: https://c.example}}" },
      /^flag --upstream: "corpp" is no URL and no entry of upstreams; want corp$/,
    ],
    [{ sumdb: "sum.example" }, /^flag --sumdb: .*; want sum\.golang\.org, NAME\+HASH\+KEY/],
    [{ listen: "8080" }, /^flag --listen listen\[0\]: "8080" is wrong; want host:port/],
    [{ upstreams: "{corp: [}" }, /^flag --upstreams:1:\d+: is no YAML/],
    [{ config: "nosuch.yaml" }, /^flag --config: there is no file "nosuch\.yaml"/],
  ];
  for (const [flags, want] of rows) assert.match((await faultsOf(fakeSources({ flags })))[0] ?? "", want);
});

test("loadConfig without a go command says to install go or to set --upstream", async () => {
  assert.deepEqual(await faultsOf(fakeSources({ goEnv: null })), [
    "go env GOPROXY: cannot run \"go\" (there is no such command); want go installed, or --upstream 'URL,direct'",
  ]);
  const { config } = await loadConfig(fakeSources({ goEnv: null, flags: { upstream: "https://a.example" } }));
  assert.equal(config.sumdb?.name, "sum.golang.org");
});

test("loadConfig says which file it cannot read, and where a key stands twice", async () => {
  const denied = Object.assign(new Error("permission denied"), { code: "EACCES" });
  assert.deepEqual(await faultsOf(fakeSources({ files: { "/desk/modgate.yaml": denied } })), [
    "modgate.yaml: cannot be read (EACCES); want a readable file",
  ]);
  assert.match((await faultsOf(withFile("drain: 1s\ndrain: 2s\n")))[0] ?? "", /^modgate\.yaml:2:1 drain: stands twice/);
  assert.match(
    (await faultsOf(withFile("- a\n")))[0] ?? "",
    /^modgate\.yaml:1:1: a list is wrong; want a map of settings/,
  );
  assert.match((await faultsOf(withFile("x".repeat(2 * 1024 * 1024))))[0] ?? "", /has 2\.0 MiB; want at most 1 MiB/);
});

test("loadConfig puts together an upstream from its entry, the defaults for all and the built-in ones", async () => {
  const text = `
upstream: corp,https://b.example/|https://corp.example,https://b.example/x,direct
upstreamDefaults: {timeouts: {headers: 5s}, headers: {X-All: "1"}, notFound: [403]}
upstreams:
  corp:
    url: https://corp.example/
    timeouts: {connect: 1s}
    retry: {attempts: 1}
    hedgeAfter: 200ms
    notFound: []
    headers: {X-Corp: "2"}
    credentialsFile: corp.secret
    headersFile: ~/corp.headers
    private: true
  spare: {url: "file:///srv/proxy"}
rules: [{pattern: a.com, action: allow, upstreams: [spare, corp.example]}]
`;
  const files = { "/desk/corp.secret": "joe:secret\n", "/home/dev/corp.headers": "# added\nX-Token: abc\n" };
  const { config, watched } = await loadConfig(withFile(text, { files }));
  const [corp, bare, again, path] = config.chain.map(({ upstream }) => upstream);
  assert.equal(corp, again, "the URL of an entry uses the entry");
  assert.deepEqual(corp?.timeouts, { connectMs: 1000, headersMs: 5000, idleMs: 30_000, totalMs: 900_000 });
  assert.deepEqual(corp.retry, { attempts: 1, backoffMs: 200, maxBackoffMs: 5000 });
  assert.deepEqual(corp.notFound, []);
  assert.equal(corp.hedgeAfterMs, 200);
  assert.equal(corp.private, true);
  assert.deepEqual(corp.headers, {
    "x-all": "1",
    "x-corp": "2",
    "x-token": "abc",
    authorization: `Basic ${Buffer.from("joe:secret").toString("base64")}`,
  });
  assert.deepEqual(
    [bare?.name, bare?.notFound, bare?.headers, bare?.private],
    ["b.example", [403], { "x-all": "1" }, false],
  );
  assert.equal(path?.name, "b.example/x");
  assert.deepEqual(Object.keys(config.upstreams), ["spare"]);
  assert.deepEqual(config.rules[0]?.upstreams, ["spare", "corp"], "hosts become names");
  assert.deepEqual(watched, ["/desk/modgate.yaml", "/home/dev/corp.headers", "/desk/corp.secret"]);
});

test("loadConfig hands the go process of direct the operator's own variables, and no others", async () => {
  const env = {
    PATH: "/bin",
    GIT_SSH_COMMAND: "ssh -v",
    SSH_AUTH_SOCK: "/agent",
    SECRET: "x",
    HTTPS_PROXY: "http://p:1",
    https_proxy: "http://q:1",
  };
  const { config } = await loadConfig(fakeSources({ env, flags: { "direct-environment": "{GOVCS: 'a:git'}" } }));
  assert.deepEqual(config.direct.environment, {
    PATH: "/bin",
    GIT_SSH_COMMAND: "ssh -v",
    SSH_AUTH_SOCK: "/agent",
    HTTPS_PROXY: "http://p:1",
    https_proxy: "http://q:1",
    GOVCS: "a:git",
  });
  assert.deepEqual(config.proxyEnvironment, { httpProxy: null, httpsProxy: "http://p:1", noProxy: null });
});

test("explainConfig says value, origin and shadows of each setting", async () => {
  const loaded = await loadConfig(
    withFile("upstream: https://joe:pw@a.example\ncache: {ttl: 2m}\n", {
      env: { MODGATE_CACHE_TTL: "3m", GOPROXY: "https://g.example" },
    }),
  );
  const rows = new Map(explainConfig(loaded).map((row) => [row.key, row]));
  assert.deepEqual(rows.get("cache.ttl"), {
    key: "cache.ttl",
    value: "3m",
    origin: "env MODGATE_CACHE_TTL",
    shadows: [
      { value: "2m", origin: "modgate.yaml:2:9" },
      { value: "1m", origin: "default" },
    ],
  });
  assert.deepEqual(rows.get("upstream"), {
    key: "upstream",
    value: "https://***@a.example",
    origin: "modgate.yaml:1:1",
    shadows: [{ value: "https://g.example", origin: "env GOPROXY" }],
  });
  assert.deepEqual(rows.get("tls.cert"), { key: "tls.cert", value: null, origin: "default", shadows: [] });
});
