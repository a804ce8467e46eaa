import assert from "node:assert/strict";
import { test } from "node:test";
import { parseGoproxyList } from "./goproxy-list.ts";

test("parseGoproxyList keeps order and separators, and ends at direct and off", () => {
  const rows: [string, string][] = [
    ["https://a.test", "https://a.test ,"],
    [
      "https://a.test,https://b.test|http://c.test:8080/x/,direct",
      "https://a.test , https://b.test | http://c.test:8080/x/ , direct ,",
    ],
    [" http://127.0.0.1:1 , http://127.0.0.1:2 ", "http://127.0.0.1:1 , http://127.0.0.1:2 ,"],
    [",,https://a.test||,https://b.test|", "https://a.test | https://b.test |"],
    ["off", "off ,"],
    ["direct|https://b.test", "direct ,"],
    ["off,nonsense", "off ,"],
    ["proxy.invalid", "https://proxy.invalid ,"],
    ["proxy/x", "https://proxy/x ,"],
    ["localhost:8080|direct", "https://localhost:8080 | direct ,"],
    ["HTTP://127.0.0.1:1", "HTTP://127.0.0.1:1 ,"],
    ["https://joe:secret@a.test/x?y=z", "https://joe:secret@a.test/x?y=z ,"],
    ["file:///srv/proxy", "file:///srv/proxy ,"],
    ["http://[::1]:8080", "http://[::1]:8080 ,"],
  ];
  for (const [text, want] of rows) {
    assert.equal(
      parseGoproxyList(text)
        .flatMap(({ url, separator }) => [url, separator])
        .join(" "),
      want,
      text,
    );
  }
});

test("parseGoproxyList names what is wrong, as go would refuse it", () => {
  const rows: [string, RegExp][] = [
    ["", /contains no entries/],
    [",", /contains no entries/],
    [" ", /contains no entries/],
    ["|", /contains no entries/],
    ["foo", /"foo" as a proxy: it has no scheme/],
    ["none", /it has no scheme/],
    ["noproxy", /it has no scheme/],
    ["DIRECT", /"DIRECT" as a proxy: it has no scheme/],
    ["Off", /it has no scheme/],
    ["/srv/proxy", /it has no scheme/],
    ["ftp://x.test", /its scheme is "ftp": want https, http or file/],
    ["http://127.0.0.1:1,fallback://x", /its scheme is "fallback"/],
    ["file://host/path", /file:\/\/\/absolute\/path/],
    ["file:/path", /file:\/\/\/absolute\/path/],
    ["file:///path?x=y", /file:\/\/\/absolute\/path/],
    ["http://[::1", /it is no URL/],
    ["http://127.0.0.1:1;http://127.0.0.1:2", /it is no URL/],
    ["http://", /it has no host/],
    ["https:/a.test", /it has no host/],
    ["https:///x", /it has no host/],
    ["https://a.test\\x", /a backslash or a control character/],
    ["https://a.test/\u0001", /a backslash or a control character/],
  ];
  for (const [text, message] of rows) {
    assert.throws(() => parseGoproxyList(text), { code: "CONFIG_INVALID", message }, text);
  }
});

test("parseGoproxyList never repeats a password", () => {
  for (const text of [
    "ftp://joe:secret@a.test",
    "http://joe:secret@[::1",
    "https://joe:se@cret@a.test:x",
    "joe:secret@a.test:x",
    "foo,joe:secret@/x",
  ]) {
    assert.throws(
      () => parseGoproxyList(text),
      (error: Error) => !/secret|cret@/.test(error.message),
      text,
    );
  }
});
