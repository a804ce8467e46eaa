import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fakeSources } from "../../test/testkit/config-sources.ts";
import { explainConfig } from "./explain-config.ts";
import { findingLine } from "./finding.ts";
import { checkSources, loadConfig } from "./load-config.ts";
import { maskBrokenUrls, maskText } from "./mask.ts";

test("maskText hides user names, passwords and query values, and nothing else", () => {
  const rows: [string, string][] = [
    ["https://joe:secret@host/x", "https://***@host/x"],
    ["https://token@host", "https://***@host"],
    ["https://a.example,https://u:p@b.example|direct", "https://a.example,https://***@b.example|direct"],
    ["https://u:p@a.example,https://u:q@b.example", "https://***@a.example,https://***@b.example"],
    ["https://u:p/w?d#@host", "https://***@host"],
    ["https://hook.example/x?token=abc&b=c", "https://hook.example/x?token=***&b=***"],
    ["golang.org/x/mod@v0.17.0", "golang.org/x/mod@v0.17.0"],
    ["plain text", "plain text"],
  ];
  for (const [text, want] of rows) assert.equal(maskText(text), want);
});

test("maskBrokenUrls hides a password that a comma has cut in two", () => {
  assert.equal(maskBrokenUrls("https://joe:se,cret@host"), "https://***@host");
  assert.equal(maskBrokenUrls("https://joe:se"), "https://***");
  assert.equal(maskBrokenUrls("joe:se"), "***");
  assert.equal(maskBrokenUrls("joe:secret@host.example:8080"), "***@host.example:8080");
  const fine = "http://127.0.0.1:8080,https://[::1]:80/x|file:///srv/cache,direct";
  assert.equal(maskBrokenUrls(fine), fine);
});

const secret = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9!$&'()*+;=._~%^-]{9,20}$/)
  .map((text) => `S3${text.replaceAll("%", "%25")}`);

test("explainConfig never shows a secret, whatever it stands in", async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(secret, secret, async (one, two) => {
      const upstreams = {
        corp: {
          url: `https://joe:${one}@corp.example`,
          headers: { Authorization: `Bearer ${two}`, "X-Key": one },
          proxy: `http://u:${two}@proxy.example`,
        },
        vault: { url: "https://vault.example", credentialsFile: "/secret" },
      };
      const sources = fakeSources({
        env: {
          MODGATE_UPSTREAM: `corp,https://${one}@host.example|direct`,
          MODGATE_DIRECT_ENVIRONMENT: JSON.stringify({ TOKEN: two }),
          MODGATE_WEBHOOK_URL: `https://hook.example/?token=${encodeURIComponent(one)}`,
          MODGATE_WEBHOOK_HEADERS: JSON.stringify({ "X-Key": two }),
          GOPROXY: `https://go:${two}@goproxy.example`,
          GITLAB_TOKEN: one,
        },
        flags: { upstreams: JSON.stringify(upstreams), "webhook-headers": JSON.stringify({ Cookie: one }) },
        files: { "/secret": `user:${two}` },
      });
      const loaded = await loadConfig(sources);
      assert.ok(JSON.stringify(loaded.config).includes(one), "the configuration itself has it");
      const shown = JSON.stringify([explainConfig(loaded), loaded.warnings]);
      for (const hidden of [one, two, encodeURIComponent(one)]) assert.ok(!shown.includes(hidden), shown);
    }),
    { seed, numRuns: 60 },
  );
});

test("checkSources never repeats a secret in what it says is wrong", async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(secret, async (hidden) => {
      const sources = fakeSources({
        flags: {
          upstream: `ftp://joe:${hidden}@host.example,joe:${hidden}@host,https://joe:${hidden},x@host.example`,
          upstreams: JSON.stringify({
            corp: { url: `htp://u:${hidden}@x`, headers: { A: [hidden], B: `${hidden}\n` }, proxy: `${hidden}@x y` },
          }),
          "webhook-url": `ws://u:${hidden}@x`,
          "direct-environment": JSON.stringify({ TOKEN: { x: hidden } }),
          "webhook-headers-file": "/headers",
          "upstream-defaults": JSON.stringify({ credentialsFile: "/secret" }),
        },
        files: { "/headers": `Name ${hidden}`, "/secret": `${hidden}\n${hidden}` },
      });
      const { findings } = await checkSources(sources);
      assert.ok(findings.length >= 8, findings.map(findingLine).join("\n"));
      const shown = JSON.stringify(findings);
      assert.ok(!shown.includes(hidden), shown);
    }),
    { seed, numRuns: 60 },
  );
});
