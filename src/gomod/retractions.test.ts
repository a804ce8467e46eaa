import assert from "node:assert/strict";
import { test } from "node:test";
import { isRetracted, parseRetractions } from "./retractions.ts";

test("parseRetractions reads single versions, ranges, blocks and comments, and passes over the rest", () => {
  const text = `module example.com/a // retract v9.9.9

retract v1.0.0 // published by accident
retract [v1.1.0,v1.1.9]
retract (
	"v1.2.0"
	[ v1.3.0 , v1.3.5 ] // broken
	v1.4 // no canonical version
	[v1.5.0]
)
require example.com/b v1.0.0
retract v2.0.0 v2.1.0
`;
  assert.deepEqual(parseRetractions(text), [
    { low: "v1.0.0", high: "v1.0.0" },
    { low: "v1.1.0", high: "v1.1.9" },
    { low: "v1.2.0", high: "v1.2.0" },
    { low: "v1.3.0", high: "v1.3.5" },
  ]);
});

test("isRetracted takes both ends of a range, in the order of Go's semver", () => {
  const ranges = [{ low: "v1.1.0", high: "v1.10.0" }];
  const rows: [string, boolean][] = [
    ["v1.1.0-rc.1", false],
    ["v1.1.0", true],
    ["v1.9.3", true],
    ["v1.10.0", true],
    ["v1.10.1", false],
  ];
  for (const [version, want] of rows) assert.equal(isRetracted(version, ranges), want, version);
});
