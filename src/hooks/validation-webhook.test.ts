import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { Agent } from "undici";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { serveHttp, standingStill, until } from "../../test/testkit/test-chain.ts";
import { Problem } from "../kernel/problem.ts";
import type { ValidationSubject } from "../ports/validator.ts";
import { ValidationWebhook } from "./validation-webhook.ts";

type Settings = ConstructorParameters<typeof ValidationWebhook>[0];

interface Stage extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly asked: { readonly headers: IncomingMessage["headers"]; readonly body: unknown }[];
  /** How many questions are under way. */
  readonly hook: ValidationWebhook;
  /** The code and message it refuses with, "allowed" otherwise. */
  ruling(subject?: Partial<ValidationSubject>): Promise<string>;
}

const subject: ValidationSubject = {
  module: "example.com/a",
  version: "v1.0.0",
  endpoint: "zip",
  client: "10.0.0.12",
};

async function stage(answer: (response: ServerResponse) => void, settings: Partial<Settings> = {}): Promise<Stage> {
  const clock = new FakeClock();
  const asked: Stage["asked"] = [];
  const server = await serveHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      answer(response);
    });
  });
  const agent = new Agent();
  const hook = new ValidationWebhook(
    {
      url: `${server.url}/validate`,
      patterns: ["example.com/*"],
      timeoutMs: 2000,
      cacheMs: 60_000,
      onFailure: "deny",
      headers: { authorization: "Bearer TOKEN" },
      ...settings,
    },
    clock,
    agent,
  );
  const { signal } = new AbortController();
  return {
    clock,
    asked,
    hook,
    async ruling(changes = {}) {
      try {
        await standingStill(clock, hook.validate({ ...subject, ...changes }, signal));
        return "allowed";
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return `${error.code} ${error.verdict}: ${error.message}`;
      }
    },
    async [Symbol.asyncDispose]() {
      await agent.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

const says =
  (status: number, body: unknown) =>
  (response: ServerResponse): void =>
    void response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));

test("ValidationWebhook posts the subject as JSON with the operator's headers, and allows", async () => {
  await using parts = await stage(says(200, { allow: true }));
  assert.equal(await parts.ruling(), "allowed");
  assert.deepEqual(parts.asked[0]?.body, subject);
  assert.equal(parts.asked[0]?.headers.authorization, "Bearer TOKEN");
  assert.equal(parts.asked[0]?.headers["content-type"], "application/json");
});

test("ValidationWebhook denies with the hook's own reason", async () => {
  await using parts = await stage(says(200, { allow: false, reason: "licence not cleared, see LEGAL-7" }));
  assert.equal(
    await parts.ruling(),
    "DENIED_BY_HOOK denied: example.com/a@v1.0.0 is denied: licence not cleared, see LEGAL-7",
  );
});

test("ValidationWebhook keeps a ruling for cacheMs, for all files of a version, and asks for no other modules", async () => {
  await using parts = await stage(says(200, { allow: false, reason: "no" }));
  for (const endpoint of ["info", "mod", "zip"] as const) assert.match(await parts.ruling({ endpoint }), /DENIED/);
  assert.equal(parts.asked.length, 1);
  assert.match(await parts.ruling({ version: "v1.0.1" }), /DENIED/);
  assert.equal(await parts.ruling({ module: "other.example/a" }), "allowed");
  assert.equal(parts.asked.length, 2);
  await parts.clock.advance(60_001);
  await parts.ruling();
  assert.equal(parts.asked.length, 3);
});

test("ValidationWebhook asks once for all who wait, and allows what a client that left has asked", async () => {
  const waiting: ServerResponse[] = [];
  await using parts = await stage((response) => void waiting.push(response));
  const all = Array.from({ length: 20 }, () => parts.ruling());
  await until(() => waiting.length > 0);
  says(200, { allow: true })(waiting[0] as ServerResponse);
  assert.deepEqual(new Set(await Promise.all(all)), new Set(["allowed"]));
  assert.equal(parts.asked.length, 1);
});

const failures: readonly [string, (response: ServerResponse) => void, RegExp][] = [
  ["a status that is not 200", says(500, { allow: true }), /status 500/],
  ["a redirect", (response) => void response.writeHead(302, { location: "/" }).end(), /status 302/],
  ["an answer without allow", says(200, { ok: true }), /"allow": true\|false/],
  ["an answer that is no JSON", says(200, "<html>"), /JSON/],
  ["an answer that never ends", says(200, "x".repeat(20_000)), /longer than 16384/],
  ["a connection cut off", (response) => void response.destroy(), /./],
];
for (const [name, answer, why] of failures) {
  test(`ValidationWebhook rules ${name} by onFailure, and does not keep that`, async () => {
    await using closed = await stage(answer);
    assert.match(
      await closed.ruling(),
      /^DENIED_BY_HOOK denied: .* the validation hook failed \(.*\) and fails closed$/,
    );
    assert.match(await closed.ruling(), why);
    assert.equal(closed.asked.length, 2);
    await using open = await stage(answer, { onFailure: "allow" });
    assert.equal(await open.ruling(), "allowed");
    assert.equal(await open.ruling(), "allowed");
    assert.equal(open.asked.length, 2);
  });
}

test("ValidationWebhook waits no longer than its deadline, for head and body", async () => {
  const silences = [
    (): void => {},
    (response: ServerResponse): void => void response.writeHead(200).write('{"allow":'),
  ];
  for (const silence of silences) {
    await using parts = await stage(silence);
    const ruling = parts.hook.validate(subject, new AbortController().signal).catch((error: unknown) => error);
    await until(() => parts.asked.length === 1);
    await parts.clock.advance(1999);
    await parts.clock.advance(1);
    const problem = Problem.from(await ruling);
    assert.equal(problem.code, "DENIED_BY_HOOK");
    assert.match(problem.message, /no answer within 2000 ms/);
  }
});
