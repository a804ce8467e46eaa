import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeSources } from "../../test/testkit/config-sources.ts";
import type { Finding } from "./finding.ts";
import { configFindingCodes } from "./finding-codes.ts";
import { checkSources, loadConfig } from "./load-config.ts";

type Parts = Parameters<typeof fakeSources>[0];

const sourcesOf = (text: string, more: Parts = {}) =>
  fakeSources({ ...more, files: { "/desk/modgate.yaml": text, ...more.files } });

async function check(text: string, more: Parts = {}): Promise<readonly Finding[]> {
  return (await checkSources(sourcesOf(text, more))).findings;
}

const seen = new Set<string>();

// [code, where, what the message says] of each finding.
async function expectFindings(
  text: string,
  want: readonly [string, string, RegExp][],
  more: Parts = {},
): Promise<void> {
  const findings = await check(text, more);
  assert.deepEqual(
    findings.map(({ code, place }) => [code, place]),
    want.map(([code, place]) => [code, place]),
    text,
  );
  for (const [index, { message, severity, code, help }] of findings.entries()) {
    assert.match(message, want[index]?.[2] ?? /^$/);
    assert.equal(severity, configFindingCodes[code].severity);
    assert.notEqual(help, "");
    seen.add(code);
  }
}

test("checkConfig finds nothing in a sound configuration", async () => {
  const text = `
upstream: corp,https://b.example,direct
upstreams: {corp: {url: https://corp.example, notFound: [403], private: true, credentialsFile: /secret}}
private: [corp.example]
rules:
  - {pattern: github.com/evil/good, action: allow, upstreams: [corp]}
  - {pattern: github.com/evil, action: deny}
`;
  assert.deepEqual(await check(text, { files: { "/secret": "u:p" } }), []);
});

test("checkConfig refuses a rule over request paths with the request it would have broken", async () => {
  const rows: [string, string][] = [
    ['".*/@v/.*"', "GET /golang.org/x/mod/@v/v0.17.0.info"],
    ['"*.zip"', "GET /golang.org/x/mod/@v/v0.17.0.zip"],
    ["example.com/x/@v/v1.0.0.zip", "GET /example.com/x/@v/v1.0.0.zip"],
    ['"^https?://example.com"', "GET /example.com/@v/v0.17.0.info"],
    ["sumdb/*", "GET /sumdb/sum.golang.org/lookup/golang.org/x/mod@v0.17.0"],
  ];
  for (const [pattern, example] of rows) {
    const [found] = await check(`rules:\n  - action: deny\n    pattern: ${pattern}\n`);
    assert.deepEqual(
      [found?.code, found?.severity, found?.place, found?.example],
      ["MG1101", "error", "modgate.yaml:3:14", example],
    );
    seen.add("MG1101");
    await assert.rejects(loadConfig(sourcesOf(`rules: [{action: deny, pattern: ${pattern}}]`)), (error: Error) => {
      assert.match(error.message, /it would break GET \//);
      return true;
    });
  }
});

test("checkConfig finds patterns that fit nothing: an error in modgate's own settings, a warning in GOPRIVATE", async () => {
  await expectFindings("private: [corp.example/...]\n", [
    ["MG1102", "modgate.yaml:1:11", /ends in \.\.\., .* want corp\.example,/],
  ]);
  await expectFindings("rules: [{pattern: corp.example/..., action: deny}]\n", [
    ["MG1102", "modgate.yaml:1:19", /ends in \.\.\./],
  ]);
  await expectFindings("confirm: {patterns: ['a.com ']}\n", [["MG1102", "modgate.yaml:1:22", /has a space/]]);
  await expectFindings("", [["MG1102", "flag --private", /has a space.*want "b\.com"/]], {
    flags: { private: "a.com, b.com" },
  });
  await expectFindings(
    "",
    [
      ["MG1103", "env GOPRIVATE", /has a space/],
      ["MG1103", "env GOPRIVATE", /is a URL/],
      ["MG1103", "env GOPRIVATE", /";"/],
    ],
    { env: { GOPRIVATE: "a.com, b.com,https://c.com,d.com;" } },
  );
});

test("checkConfig finds rules that are never reached, that deny all, and unknown upstreams", async () => {
  await expectFindings(
    "rules:\n  - {pattern: github.com, action: allow}\n  - {pattern: github.com/evil, action: deny}\n",
    [["MG1104", "modgate.yaml:3:15", /never denies anything: github\.com \(allow, modgate\.yaml:2\) comes first/]],
  );
  await expectFindings("rules: [{pattern: a.com, action: allow, upstreams: [corp]}]\n", [
    ["MG1105", "modgate.yaml:1:53", /"corp" is no upstream; want one of goproxy\.example, direct/],
  ]);
  await expectFindings("rules: [{pattern: '*', action: deny}]\n", [
    ["MG1120", "modgate.yaml:1", /denies every module/],
  ]);
});

test("checkConfig refuses a chain that leads back to the gateway, by every name of its address", async () => {
  const rows: [string, string, boolean][] = [
    ["127.0.0.1:8080", "http://127.0.0.1:8080,direct", true],
    ["127.0.0.1:8080", "http://localhost:8080/", true],
    ["[::1]:80", "http://localhost", true],
    ["0.0.0.0:8080", "https://direct.example,http://gateway.example:8080", true],
    [":443", "https://Gateway.Example", true],
    ["127.0.0.1:8080", "http://127.0.0.1:8081", false],
    ["127.0.0.1:8080", "http://127.0.0.2:8080", false],
    ["127.0.0.1:0", "http://127.0.0.1:0", false],
    ["0.0.0.0:8080", "http://other.example:8080", false],
  ];
  for (const [listen, upstream, isLoop] of rows) {
    const { findings } = await checkSources(fakeSources({ flags: { listen, upstream } }));
    assert.equal(
      findings.some(({ code }) => code === "MG1109"),
      isLoop,
      `${listen} ${upstream}`,
    );
  }
  await expectFindings("", [["MG1109", "env GOPROXY", /http:\/\/127\.0\.0\.1:8080 is this gateway's own address/]], {
    env: { GOPROXY: "http://127.0.0.1:8080" },
  });
});

test("checkConfig finds what a chain hides, never asks, or leaks", async () => {
  await expectFindings("upstream: https://a.example|direct,https://b.example\n", [
    ["MG1110", "modgate.yaml:1:11", /a\.example .* want ,direct/],
    ["MG1114", "modgate.yaml:1:11", /https:\/\/b\.example stands after direct/],
  ]);
  await expectFindings("upstream: https://a.example\nprivate: [corp.example]\n", [
    ["MG1106", "modgate.yaml:2:10", /no upstream may serve the private modules corp\.example/],
  ]);
  await expectFindings("upstreams: {idle: {url: https://a.example}}\n", [
    ["MG1115", "modgate.yaml:1:13", /idle is neither/],
  ]);
  await expectFindings("upstream: http://u:p@a.example,http://u:p@127.0.0.1:1\n", [
    ["MG1107", "modgate.yaml:1:11", /user name and password would go to http:\/\/\*\*\*@a\.example over plain http/],
  ]);
  await expectFindings("rules: [{pattern: '*', action: allow, blockVulnerable: true}]\n", [
    ["MG1122", "modgate.yaml:1:56", /blocks vulnerable versions, and no vulnerability database says which/],
  ]);
  await expectFindings("upstreamDefaults: {headers: {Authorization: x}}\n", [
    ["MG1118", "modgate.yaml:1:19", /every upstream/],
  ]);
  await expectFindings("upstream: corp\nupstreams: {corp: {url: https://a.example, notFound: [403, 502, 429]}}\n", [
    ["MG1108", "modgate.yaml:2:60", /502 means trouble/],
    ["MG1108", "modgate.yaml:2:65", /429 means trouble/],
  ]);
});

test("checkConfig reads the files that are named, and wants certificates with their keys", async () => {
  const pem = "-----BEGIN CERTIFICATE-----\n";
  await expectFindings("tls: {cert: a.pem}\n", [["MG1111", "modgate.yaml:1:13", /without tls\.key/]], {
    files: { "/desk/a.pem": pem },
  });
  const files = {
    "/desk/a.pem": pem,
    "/desk/b.pem": "no",
    "/desk/c.pem": Object.assign(new Error("x"), { code: "EACCES" }),
  };
  await expectFindings(
    "tls: {cert: a.pem, key: b.pem, clientCa: c.pem}\nupstream: corp\nupstreams: {corp: {url: https://a.example, ca: d.pem, headersFile: e}}\n",
    [
      ["MG1112", "modgate.yaml:1:25", /\/desk\/b\.pem is no PEM file/],
      ["MG1112", "modgate.yaml:1:42", /cannot read \/desk\/c\.pem \(EACCES\)/],
      ["MG1112", "modgate.yaml:3:48", /cannot read \/desk\/d\.pem \(there is no such file\)/],
      ["MG1112", "modgate.yaml:3:68", /cannot read \/desk\/e/],
    ],
    { files },
  );
});

test("checkConfig finds what does not fit the environment", async () => {
  await expectFindings("", [["MG1113", "env MODGATE_CACHE_TLL", /want MODGATE_CACHE_TTL/]], {
    env: { MODGATE_CACHE_TLL: "1s", MODGATE_CONFIG: "modgate.yaml" },
  });
  await expectFindings("private: [a.com]\n", [["MG1116", "go env GONOPROXY", /^b\.com is not in private$/]], {
    goEnv: { GONOPROXY: "a.com/x,b.com" },
  });
  await expectFindings("private: ['*']\n", [["MG1117", "modgate.yaml:1:10", /golang\.org\/toolchain/]]);
  await expectFindings("webhook: {timeout: 1s}\nconfirm: {every: 2s}\n", [
    ["MG1119", "modgate.yaml:2:11", /no effect without confirm\.patterns/],
    ["MG1119", "modgate.yaml:1:11", /no effect without webhook\.url/],
  ]);
  await expectFindings("listen: [127.0.0.1:1, 127.0.0.1:1, 127.0.0.1:0, 127.0.0.1:0]\n", [
    ["MG1121", "modgate.yaml:1:9", /127\.0\.0\.1:1 stands twice/],
  ]);
  await expectFindings("drain: soon\n", [["MG1100", "modgate.yaml:1:8", /a duration such as/]]);
});

test("configFindingCodes has no code that checkSources never gives", () => {
  assert.deepEqual(
    Object.keys(configFindingCodes).filter((code) => !seen.has(code)),
    [],
  );
});
