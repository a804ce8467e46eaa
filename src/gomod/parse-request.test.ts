import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Problem } from "../kernel/problem.ts";
import { parseGoRequest } from "./parse-request.ts";
import { plainView } from "./view.ts";
import { escapeModulePath, escapeVersion } from "./path.ts";

const noQuery = new URLSearchParams();
const parse = (path: string): unknown => parseGoRequest(path, noQuery).request;
const a = { module: "example.com/a", escapedModule: "example.com/a" };
const upper = { module: "example.com/Upper/CamelCase", escapedModule: "example.com/!upper/!camel!case" };
const toolchain = { module: "golang.org/toolchain", escapedModule: "golang.org/toolchain" };

test("parseGoRequest reads what go asks of a proxy, with the key of each file", () => {
  const rows: [string, unknown][] = [
    ["/example.com/a/@v/list", { kind: "list", ...a, key: "example.com/a/@v/list" }],
    ["/example.com/a/@latest", { kind: "latest", ...a, key: "example.com/a/@latest" }],
    ["/example.com/a/@v/v1.0.0.info", { kind: "info", ...a, version: "v1.0.0", key: "example.com/a/@v/v1.0.0.info" }],
    ["/example.com/a/@v/v1.0.0.mod", { kind: "mod", ...a, version: "v1.0.0", key: "example.com/a/@v/v1.0.0.mod" }],
    ["/example.com/a/@v/v1.0.0.zip", { kind: "zip", ...a, version: "v1.0.0", key: "example.com/a/@v/v1.0.0.zip" }],
    [
      "/example.com/a/@v/v2.0.0+incompatible.mod",
      { kind: "mod", ...a, version: "v2.0.0+incompatible", key: "example.com/a/@v/v2.0.0+incompatible.mod" },
    ],
    [
      "/example.com/a/@v/v1.4.0-%21r%21c1.info",
      { kind: "info", ...a, version: "v1.4.0-RC1", key: "example.com/a/@v/v1.4.0-!r!c1.info" },
    ],
    [
      "/example.com/%21upper/%21camel%21case/@v/list",
      { kind: "list", ...upper, key: "example.com/!upper/!camel!case/@v/list" },
    ],
    [
      "/example.com/!upper/!camel!case/@latest",
      { kind: "latest", ...upper, key: "example.com/!upper/!camel!case/@latest" },
    ],
    [
      "/golang.org/toolchain/@v/v0.0.1-go1.26.0.linux-amd64.zip",
      {
        kind: "zip",
        ...toolchain,
        version: "v0.0.1-go1.26.0.linux-amd64",
        key: "golang.org/toolchain/@v/v0.0.1-go1.26.0.linux-amd64.zip",
      },
    ],
    // The upstream decides whether the major version fits the path.
    ["/example.com/a/@v/v2.0.0.info", { kind: "info", ...a, version: "v2.0.0", key: "example.com/a/@v/v2.0.0.info" }],
    [
      "/example.com/@v/list",
      { kind: "list", module: "example.com", escapedModule: "example.com", key: "example.com/@v/list" },
    ],
  ];
  for (const [path, want] of rows) {
    assert.deepEqual(parseGoRequest(path, noQuery), { request: want, cachedOnly: false, view: plainView }, path);
  }
});

test("parseGoRequest tells queries from versions", () => {
  const rows: [string, string, string][] = [
    ["main", "main", "main"],
    ["latest", "latest", "latest"],
    ["list", "list", "list"],
    ["v1", "v1", "v1"],
    ["v1.2", "v1.2", "v1.2"],
    ["feedfacefeed", "feedfacefeed", "feedfacefeed"],
    ["v1.0.0+meta", "v1.0.0+meta", "v1.0.0+meta"],
    ["v01.0.0", "v01.0.0", "v01.0.0"],
    ["!h!e!a!d", "HEAD", "!h!e!a!d"],
    ["%21release_2", "Release_2", "!release_2"],
    ["a%20b", "a b", "a b"],
    ["100%25", "100%", "100%"],
    ["%252e%252e", "%2e%2e", "%2e%2e"],
    ["a%23b", "a#b", "a#b"],
    ["a@b", "a@b", "a@b"],
    ["v1.0.0.info", "v1.0.0.info", "v1.0.0.info"],
    ["main.zip", "main.zip", "main.zip"],
  ];
  for (const [asked, query, stored] of rows) {
    const want = { kind: "query", ...a, query, key: `example.com/a/@v/${stored}.info` };
    assert.deepEqual(parse(`/example.com/a/@v/${asked}.info`), want, asked);
  }
});

test("parseGoRequest reads /cooldown/ and /asof/, and says what is wrong with them", () => {
  const day = 86_400_000;
  const rows: [string, unknown][] = [
    ["/cooldown/7d", { cooldownMs: 7 * day, asOfMs: null }],
    ["/asof/2026-06-01", { cooldownMs: null, asOfMs: Date.UTC(2026, 5, 2) }],
    ["/asof/2026-06-01T12:00:00Z", { cooldownMs: null, asOfMs: Date.UTC(2026, 5, 1, 12) }],
    ["/v1/asof/2026-06-01/cooldown/12h", { cooldownMs: day / 2, asOfMs: Date.UTC(2026, 5, 2) }],
  ];
  for (const [prefix, view] of rows) {
    for (const path of ["/example.com/a/@v/list", "/sumdb/sum.golang.org/supported"]) {
      const got = parseGoRequest(`${prefix}${path}`, noQuery);
      assert.deepEqual([got.view, got.request], [view, parse(path)], prefix);
    }
  }
  for (const prefix of ["/cooldown/a week", "/cooldown/", "/asof/yesterday", "/asof/2026-02-30", "/asof/2026-6-1"]) {
    assert.throws(() => parse(`${prefix}/example.com/a/@v/list`), { code: "INVALID_QUERY", status: 400 }, prefix);
  }
});

test("parseGoRequest takes the prefixes /v1/ and /cached-only/ off in either order, once", () => {
  const rows: [string, boolean][] = [
    ["", false],
    ["/v1", false],
    ["/cached-only", true],
    ["/v1/cached-only", true],
    ["/cached-only/v1", true],
  ];
  for (const [prefix, cachedOnly] of rows) {
    for (const path of ["/example.com/a/@v/list", "/sumdb/sum.golang.org/latest", "/index"]) {
      assert.deepEqual(parseGoRequest(`${prefix}${path}`, noQuery), {
        request: parse(path),
        cachedOnly,
        view: plainView,
      });
    }
  }
  for (const prefix of ["/v1/v1", "/cached-only/cached-only", "/v1/cached-only/v1", "/v2", "/V1"]) {
    refuses(`${prefix}/example.com/a/@v/list`, "INVALID_MODULE_PATH");
  }
});

test("parseGoRequest reads ?go-get=1 on any path as the import path", () => {
  const goGet = (path: string, query = "go-get=1"): unknown => parseGoRequest(path, new URLSearchParams(query)).request;
  assert.deepEqual(goGet("/example.com/a/cmd/c++"), { kind: "go-get", importPath: "example.com/a/cmd/c++" });
  assert.deepEqual(goGet("/example.com/Upper/"), { kind: "go-get", importPath: "example.com/Upper" });
  assert.deepEqual(goGet("/v1/example.com/a"), { kind: "go-get", importPath: "example.com/a" });
  assert.deepEqual(goGet("/"), { kind: "go-get", importPath: "" });
  assert.deepEqual(goGet("/index"), { kind: "go-get", importPath: "index" });
  assert.deepEqual(goGet("/example.com/a/@v/list", "go-get=0"), parse("/example.com/a/@v/list"));
  for (const path of ["//", "/example.com/../a", "/example.com//a", "/example.com/a%00", "/example.com/a@v1", "/-a"]) {
    assert.throws(() => goGet(path), { code: "INVALID_MODULE_PATH", status: 400 }, path);
  }
});

test("parseGoRequest refuses bad paths with 400 and the code that fits", () => {
  const paths = `
    //a/@v/list //@v/list /x/@v/list /cmd/@v/v1.0.0.info /v1//@v/list
    /Example.com/a/@v/list /example.com/A/@v/list /example.com/!A/@v/list /example.com/a!/@v/list /example.com/!!a/@v/list
    /example.com/../a/@v/list /example.com/./a/@v/list /example.com//a/@v/list /example.com/a//@v/list /../../etc/@v/list
    /example.com/%2e%2e/a/@v/list /example.com/..%5ca/@v/list /example.com/a\\b/@latest /example.com/.git/@latest
    /example.com/a%00/@v/list /example.com/a%0a/@v/list /example.com/é/@v/list /example.com/%C3%A9/@v/list
    /example.com/a/v1/@v/list /gopkg.in/yaml/@v/list /example.com/nul/@v/list /example.com/a~1/@latest
    /example.com/a@v1.0.0/@v/list`;
  const files = `
    main.mod main.zip latest.zip v1.mod v1.0.0+meta.zip feature/x.info feature/x.mod v1.0.0/.info .info .mod ..info
    ../x.info a..info ...info V1.0.0.info a!.info !!a.info a%00b.info a%5cb.info a%0ab.info é.info %C3%A9.info
    con.info nul.x.info a:b.info a*b.info`;
  const others = `
    / /favicon.ico /@v/list /v1 /cached-only/ example.com/a/@v/list /index/ /Index
    /example.com/a /example.com/a/@v /example.com/a/@v/ /example.com/a/@latest/ /example.com/a/@LATEST
    /example.com/a/@/list /example.com/a/@x/@v/list /example.com/a/@v/List /example.com/a/@v/v1.0.0
    /example.com/a/@v/v1.0.0.ziphash /example.com/a/@v/v1.0.0.INFO
    /% /%2 /%zz/@v/list /example.com/a/@v/%ff.info /example.com/a/@v/%c0%ae.info /example.com/a/@v/%ed%a0%80.info
    /example.com%2fa/@v/list /example.com/a/@v/..%2Fx.info /%2e%2e%2F@v/list`;
  refuses("", "NOT_A_GO_REQUEST");
  for (const path of paths.trim().split(/\s+/)) refuses(path, "INVALID_MODULE_PATH");
  for (const file of files.trim().split(/\s+/)) refuses(`/example.com/a/@v/${file}`, "INVALID_VERSION");
  for (const path of others.trim().split(/\s+/)) refuses(path, "NOT_A_GO_REQUEST");
});

test("parseGoRequest refuses paths over 1,024 characters and names over 255 bytes", () => {
  const long = (length: number): string => "a".repeat(length);
  const deep = `/example.com/${"a/".repeat(501)}`;
  assert.equal(`${deep}@v/list`.length, 1022);
  assert.ok(parse(`${deep}@v/list`));
  refuses(`${deep}aa/@v/list`, "NOT_A_GO_REQUEST");
  assert.ok(parse(`/example.com/${long(255)}/@latest`));
  refuses(`/example.com/${long(256)}/@latest`, "NOT_A_GO_REQUEST");
  assert.ok(parse(`/example.com/a/@v/${long(250)}.info`));
  refuses(`/example.com/a/@v/${long(251)}.info`, "NOT_A_GO_REQUEST");
  refuses(`/sumdb/${long(256)}/latest`, "NOT_A_GO_REQUEST");
  refuses(`/sumdb/x.y/lookup/example.com/a@v1.0.0-${long(248)}`, "NOT_A_GO_REQUEST");
});

test("parseGoRequest says how to go on where a query is asked for files", () => {
  assert.throws(() => parse("/example.com/!a/@v/main.zip"), {
    message: 'Only a canonical version has a .zip, and "main" is none',
    hint: "ask /example.com/!a/@v/main.info first: its answer names the canonical version",
  });
});

const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,6}[A-Za-z0-9]$/);

test("parseGoRequest gives back the module and version of every path that go can build", (t) => {
  const property = fc.property(
    fc.array(name, { maxLength: 4 }),
    name,
    fc.constantFrom("info", "mod", "zip"),
    (elements, version, kind) => {
      const names = attempt(() => ({
        path: escapeModulePath(["a.b", ...elements].join("/")),
        version: escapeVersion(`v1.0.0-${version}`),
      }));
      if (names === null) return;
      const raw = `/${names.path}/@v/${names.version}.${kind}`;
      const [plain, encoded] = [
        attempt(() => parseGoRequest(raw, noQuery)),
        attempt(() => parseGoRequest(raw.replaceAll("!", "%21"), noQuery)),
      ];
      assert.deepEqual(plain, encoded);
      if (plain === null) return;
      const { request } = plain;
      assert.ok("module" in request && request.module !== null && "key" in request);
      assert.equal(escapeModulePath(request.module), names.path);
      assert.equal(request.key, raw.slice(1));
    },
  );
  fc.assert(property, { seed: seedOf(t), numRuns: 1000 });
});

test("parseGoRequest ends in a request or a 400 for any path, and no key leaves the tree", (t) => {
  const plain =
    "/ / @v @latest list .info .mod .zip v1.0.0 example.com a A ! !a %21 %2e %2F %00 % %ff .. . \\ ~ @ + é : -";
  const words = "sumdb lookup tile 8/0/001 supported latest v1/ cached-only/ index main";
  const pieces = [...plain.split(" "), ...words.split(" "), " ", "\u0000", "\ud800"];
  const path = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => `/${parts.join("")}`),
    fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => `/example.com/a/@v/${parts.join("")}.info`),
    fc.string({ unit: "binary" }).map((text) => `/${text}`),
    fc.webPath(),
  );
  const query = fc.webQueryParameters().map((text) => new URLSearchParams(text));
  let accepted = 0;
  const property = fc.property(path, fc.oneof(fc.constant(noQuery), query), (path, query) => {
    const parsed = attempt(() => parseGoRequest(path, query));
    if (parsed === null || !("key" in parsed.request)) return;
    accepted++;
    assert.match(parsed.request.key, /^[ -~]+$/);
    assert.doesNotMatch(parsed.request.key, /[A-Z\\]|^\/|\/$|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/);
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 10_000 });
  assert.ok(accepted > 100, `only ${accepted} of the paths were accepted`);
});

function refuses(path: string, code: string): void {
  assert.throws(() => parse(path), { code, status: 400, verdict: "invalid" }, JSON.stringify(path));
}

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return null;
    throw error;
  }
}

function seedOf(t: { diagnostic(message: string): void }): number {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  return seed;
}
