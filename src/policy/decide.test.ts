import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { firstMatch } from "../gomod/match-prefix-patterns.ts";
import { compileRules, decide, type PolicyInput, type PolicySubject } from "./decide.ts";
import type { Rule } from "./rule.ts";

const rule = (pattern: string, action: Rule["action"], more: Partial<Rule> = {}): Rule => ({
  pattern,
  action,
  reason: null,
  upstreams: null,
  minimumAgeMs: null,
  blockVulnerable: false,
  source: "modgate.yaml:1",
  ...more,
});

const list = (module: string): PolicySubject => ({
  kind: "list",
  module,
  escapedModule: module,
  key: `${module}/@v/list`,
});

const lookup = (module: string | null): PolicySubject => ({
  kind: "sumdb",
  name: "sum.golang.org",
  op: module === null ? "latest" : "lookup",
  rest: "",
  module,
  version: null,
  key: "sumdb",
});

const input: PolicyInput = {
  rules: [
    rule("github.com/evil/good", "allow"),
    rule("github.com/evil", "deny", { reason: "see the wiki", source: "modgate.yaml:7" }),
    rule("corp.example/tools", "allow", { upstreams: ["public", "corp", "vault"] }),
  ],
  private: ["corp.example"],
  upstreams: [
    { name: "public", private: false },
    { name: "corp", private: true },
    { name: "direct", private: true },
  ],
  otherPrivateUpstreams: ["vault"],
};

test("decide follows the first rule that fits, and says which", () => {
  const rules = compileRules(input);
  assert.equal(decide(rules, list("github.com/evil/good/v2")).action, "allow");
  const denied = decide(rules, list("github.com/evil/x"));
  assert.equal(denied.action, "deny");
  assert.equal(denied.problemCode, "DENIED_BY_RULE");
  assert.equal(denied.rule, input.rules[1]);
  assert.equal(denied.reason, "the rule github.com/evil (modgate.yaml:7) denies github.com/evil/x: see the wiki");
});

test("decide allows a module that no rule fits, with the whole chain", () => {
  const decision = decide(compileRules(input), list("example.com/x"));
  assert.deepEqual(
    { action: decision.action, rule: decision.rule, upstreams: decision.upstreams, private: decision.private },
    { action: "allow", rule: null, upstreams: null, private: false },
  );
});

test("decide keeps a private module away from upstreams that are not marked private", () => {
  const rules = compileRules(input);
  assert.deepEqual(decide(rules, list("corp.example/app")).upstreams, ["corp", "direct"]);
  assert.deepEqual(decide(rules, list("corp.example/tools/x")).upstreams, ["corp", "vault"]);
  const nobody = compileRules({ ...input, upstreams: [{ name: "public", private: false }], rules: [] });
  const decision = decide(nobody, list("corp.example/app"));
  assert.equal(decision.action, "allow", "the cache may still answer");
  assert.deepEqual(decision.upstreams, []);
});

test("decide denies the look-up of a private module in the checksum database with PRIVATE_NAME", () => {
  const rules = compileRules(input);
  const denied = decide(rules, lookup("corp.example/app"));
  assert.equal(denied.action, "deny");
  assert.equal(denied.problemCode, "PRIVATE_NAME");
  assert.equal(decide(rules, lookup("example.com/x")).action, "allow");
  assert.equal(decide(rules, lookup(null)).action, "allow");
  assert.equal(decide(rules, lookup("github.com/evil/x")).problemCode, "DENIED_BY_RULE");
});

test("decide gives the same answer as reading the rules from the top, remembered or not", (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const element = fc.constantFrom("a.com", "b.com", "x", "y", "*", "x*");
  const pattern = fc.array(element, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const someRules = fc.array(fc.tuple(pattern, fc.constantFrom("allow", "deny")), { maxLength: 8 });
  const modulePath = fc
    .array(fc.constantFrom("a.com", "b.com", "x", "y", "z"), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(someRules, fc.array(modulePath, { maxLength: 6 }), (pairs, modules) => {
      const made = pairs.map(([text, action], index) => rule(text, action, { source: `f:${index}` }));
      const compiled = compileRules({ ...input, rules: made });
      for (const module of [...modules, ...modules]) {
        const want = firstMatch(
          made.map((one) => one.pattern),
          module,
        );
        const decision = decide(compiled, list(module));
        assert.equal(decision.rule, made.find((one) => one.pattern === want) ?? null);
        assert.equal(decision.action, decision.rule?.action ?? "allow");
      }
    }),
    { seed, numRuns: 500 },
  );
});

test("decide answers 20,000 different modules right after its memory is full", () => {
  const rules = compileRules(input);
  for (let index = 0; index < 20_000; index++) {
    const module = index % 2 === 0 ? `github.com/evil/m${index}` : `example.com/m${index}`;
    assert.equal(decide(rules, list(module)).action, index % 2 === 0 ? "deny" : "allow");
  }
  assert.equal(decide(rules, list(`github.com/evil/${"x".repeat(1000)}`)).action, "deny");
});
