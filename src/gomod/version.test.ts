import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  compareVersions,
  isCanonicalVersion,
  isPseudoVersion,
  latestOf,
  majorOf,
  parseVersion,
  pseudoVersionTime,
} from "./version.ts";

type VersionRow = [
  version: string,
  isValid: boolean,
  canonical: string,
  major: string,
  isPseudo: boolean,
  at: number | null,
];

test("parseVersion, isCanonicalVersion, majorOf, isPseudoVersion and pseudoVersionTime say what Go says", () => {
  const rows: readonly VersionRow[] = vectors("version");
  for (const [version, isValid, canonical, major, isPseudo, at] of rows) {
    const parsed = parseVersion(version);
    assert.equal(parsed !== null, isValid, version);
    assert.equal(isCanonicalVersion(version), version !== "" && version === canonical, version);
    assert.equal(majorOf(version), major, version);
    assert.equal(isPseudoVersion(version), isPseudo, version);
    assert.equal(pseudoVersionTime(version), at, version);
    if (parsed === null) continue;
    const build = parsed.build === "+incompatible" ? parsed.build : "";
    assert.equal(`v${parsed.major}.${parsed.minor}.${parsed.patch}${parsed.prerelease}${build}`, canonical, version);
    if (parsed.build === "") assert.equal(version + parsed.short, canonical, version);
  }
});

test("compareVersions orders as Go's semver does", () => {
  const rows: readonly [string, string, number][] = vectors("compare-versions");
  for (const [a, b, order] of rows) {
    assert.equal(Math.sign(compareVersions(a, b)), order, `${a} against ${b}`);
    assert.equal(Math.sign(compareVersions(b, a)), order === 0 ? 0 : -order, `${b} against ${a}`);
  }
});

const identifier = fc.constantFrom("0", "1", "2", "10", "a", "B", "rc", "a-b", "0a", "--");
const version = fc
  .tuple(
    fc.nat(11),
    fc.nat(11),
    fc.nat(11),
    fc.array(identifier, { maxLength: 3 }),
    fc.constantFrom("", "+incompatible", "+x"),
  )
  .map(
    ([major, minor, patch, pre, build]) =>
      `v${major}.${minor}.${patch}${pre.length > 0 ? `-${pre.join(".")}` : ""}${build}`,
  );
const anyVersion = fc.oneof(version, version, fc.constantFrom("", "x", "v1", "v1.2", "v01.0.0"));

test("compareVersions is a total order that build metadata does not change", (t) => {
  const property = fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
    const order = (left: string, right: string): number => Math.sign(compareVersions(left, right));
    assert.equal(order(a, a), 0);
    assert.equal(order(a, b) + order(b, a), 0);
    if (order(a, b) <= 0 && order(b, c) <= 0) assert.ok(order(a, c) <= 0, `${a} ${b} ${c}`);
    if (order(a, b) === 0) assert.equal(order(a, c), order(b, c), `${a} ${b} ${c}`);
    if (parseVersion(a)?.build === "" && parseVersion(a)?.short === "")
      assert.equal(order(`${a}+meta`, b), order(a, b));
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 3000 });
});

const oldPseudo = "v0.0.0-20240101000000-abcdefabcdef";
const newPseudo = "v0.0.0-20240601000000-feedfacefeed";

test("latestOf takes the highest release, then the highest pre-release, then the newest pseudo-version", () => {
  const rows: [string[], string | null][] = [
    [[], null],
    [["v1", "v1.2", "v1.0.0+meta", "main", ""], null],
    [["v1.9.0", "v1.10.0", "v1.2.0"], "v1.10.0"],
    [["v1.0.0", "v1.1.0-rc.1", newPseudo], "v1.0.0"],
    [["v1.1.0-rc.1", "v1.1.0-rc.2", "v1.1.0-beta", newPseudo], "v1.1.0-rc.2"],
    [[newPseudo, oldPseudo], newPseudo],
    [[oldPseudo, newPseudo], newPseudo],
    [["v1.5.0-0.20240101000000-abcdefabcdef", newPseudo], newPseudo],
    [["v1.0.0", "v1.3.1-0.20240110000000-feedfacefeed"], "v1.0.0"],
    [["v1.4.0-RC1"], "v1.4.0-RC1"],
    [["v1.0.0", "v2.0.0+incompatible"], "v1.0.0"],
    [["v2.0.0+incompatible", "v3.0.0+incompatible", "v3.1.0-rc+incompatible", newPseudo], "v3.0.0+incompatible"],
    [["v3.0.0+incompatible", "v1.0.0-rc"], "v1.0.0-rc"],
    [
      ["v2.0.1-0.20240110000000-feedfacefeed+incompatible", oldPseudo],
      "v2.0.1-0.20240110000000-feedfacefeed+incompatible",
    ],
  ];
  for (const [versions, want] of rows) assert.equal(latestOf(versions), want, versions.join(" "));
});

test("latestOf does not depend on the order of the versions", (t) => {
  const versions = fc.array(fc.oneof(version, fc.constantFrom(oldPseudo, newPseudo)), { maxLength: 8 });
  const property = fc.property(versions, fc.nat(7), (list, turn) => {
    const turned = [...list.slice(turn), ...list.slice(0, turn)];
    const [first, second] = [latestOf(list), latestOf(turned)];
    assert.equal(compareVersions(first ?? "", second ?? ""), 0, `${first} ${second}`);
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 500 });
});

test("parseVersion answers at once for long text without end", () => {
  for (const text of [
    `v1.0.0-${"1.".repeat(50_000)}_`,
    `v1.0.0-${"a".repeat(100_000)}_`,
    `v${"1".repeat(100_000)}_`,
    `v1.2.3-${"0.".repeat(50_000)}`,
  ]) {
    assert.equal(parseVersion(text), null);
    assert.equal(isPseudoVersion(text), false);
  }
});

function vectors(name: string) {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../test/vectors/${name}.json`), "utf8"));
}

function seedOf(t: { diagnostic(message: string): void }): number {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  return seed;
}
