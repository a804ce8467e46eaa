import assert from "node:assert/strict";
import { test } from "node:test";
import { pointAt } from "./point-at.ts";

test("pointAt replaces the target wherever it stands, and nothing that only looks like it", () => {
  const environment = {
    GOPROXY: "http://a.example:80/go,direct",
    OTHER: "http://a.example:8080",
    LONGER: "http://a.example:80.evil.example",
  };
  const pointed = pointAt(
    { args: ["curl", "--url=http://a.example:80/x"], environment },
    "http://a.example:80/",
    "http://127.0.0.1:5/",
  );
  assert.deepEqual(pointed, {
    args: ["curl", "--url=http://127.0.0.1:5/x"],
    environment: {
      ...environment,
      GOPROXY: "http://127.0.0.1:5/go,direct",
      MODGATE_TARGET: "http://127.0.0.1:5",
    },
  });
});
