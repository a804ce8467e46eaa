import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import type { Config } from "../config/config.ts";
import { Problem } from "../kernel/problem.ts";
import type { Ask } from "../ports/ask.ts";
import { answerGoGet } from "./go-get.ts";

interface Wish {
  readonly host: string;
  readonly path: string;
  readonly patterns: readonly string[];
  readonly url?: string;
  readonly tls?: boolean;
  readonly forwardedProto?: string;
}

/** The content of the go-import tag, or the code of the refusal. */
async function goImport({ host, path, patterns, url, tls, forwardedProto }: Wish): Promise<string> {
  const goGet = patterns.map((pattern) => ({ pattern, kind: "mod", url: url ?? null }));
  const config = { goGet, tls: tls === true ? {} : null } as unknown as Config;
  const headers: Record<string, string | undefined> = { host, "x-forwarded-proto": forwardedProto };
  const ask = { header: (name: string) => headers[name] } as unknown as Ask;
  const goGetOrigin = { page: () => Promise.reject(new TypeError("no origin here")) };
  const request = { kind: "go-get" as const, importPath: path };
  try {
    const { file } = await answerGoGet({ config, goGetOrigin, clock: new FakeClock() }, request, ask);
    return /content="([^"]*)"/.exec(file.bytes?.toString() ?? "")?.[1] ?? "";
  } catch (error) {
    return Problem.from(error).code;
  }
}

const rows: readonly (readonly [Wish, string])[] = [
  // A vanity host that points at the gateway: the root too, since go checks the prefix's own page.
  [
    { host: "go.corp.example", path: "tool/sub", patterns: ["go.corp.example"] },
    "go.corp.example mod http://go.corp.example",
  ],
  [{ host: "go.corp.example", path: "", patterns: ["go.corp.example"] }, "go.corp.example mod http://go.corp.example"],
  [
    { host: "go.corp.example:8080", path: "x", patterns: ["go.corp.example/*"] },
    "go.corp.example/x mod http://go.corp.example:8080",
  ],
  [{ host: "go.corp.example", path: "tool", patterns: ["*"] }, "go.corp.example mod http://go.corp.example"],
  // The gateway's own host, with the whole import path after it.
  [
    { host: "proxy.corp.example", path: "go.corp.example/x/y", patterns: ["go.corp.example/x"] },
    "go.corp.example/x mod http://proxy.corp.example",
  ],
  [
    { host: "go.corp.example", path: "go.corp.example/x", patterns: ["go.corp.example/x"] },
    "go.corp.example/x mod http://go.corp.example",
  ],
  // Where clients reach it.
  [
    { host: "go.corp.example", path: "x", patterns: ["go.corp.example"], tls: true },
    "go.corp.example mod https://go.corp.example",
  ],
  [
    { host: "go.corp.example", path: "x", patterns: ["go.corp.example"], forwardedProto: "https" },
    "go.corp.example mod https://go.corp.example",
  ],
  [
    { host: "go.corp.example", path: "x", patterns: ["go.corp.example"], url: "https://p.example/go?a&b" },
    "go.corp.example mod https://p.example/go?a&amp;b",
  ],
  [{ host: "go.corp.example", path: "x", patterns: ["other.example"] }, "MODULE_ABSENT"],
];

for (const [wish, wanted] of rows) {
  test(`answerGoGet: ${wish.patterns.join()} for ${wish.host}/${wish.path} gives ${wanted}`, async () => {
    assert.equal(await goImport(wish), wanted);
  });
}
