import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.ts";

test("nearest finds the word that was meant, and nothing where none is near", () => {
  const words = ["listen", "upstream", "upstreams", "maxSize", "private"];
  const rows: [string, string | null][] = [
    ["lisen", "listen"],
    ["max_size", "maxSize"],
    ["MAX-SIZE", "maxSize"],
    ["upstrems", "upstreams"],
    ["privat", "private"],
    ["elephant", null],
    ["", null],
  ];
  for (const [word, want] of rows) assert.equal(nearest(word, words), want, word);
});
