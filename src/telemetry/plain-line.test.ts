import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { someExchange, someTry } from "../../test/testkit/some-exchange.ts";
import { wholeLine } from "./access-line.ts";
import { plainLine } from "./plain-line.ts";

test("plainLine is wholeLine to the byte, wherever it makes one", (t) => {
  const seed = Date.now() & 0x7fffffff;
  t.diagnostic(`seed ${seed}`);
  const text = fc.string({ unit: "binary", maxLength: 30 });
  const request = {
    kind: "info",
    module: "example.com/a",
    escapedModule: "example.com/a",
    version: "v1.0.0",
    key: "k",
  } as const;
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.nat(),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.boolean(),
      (path, agent, client, bytes, tookMs, isTraced) => {
        const exchange = someExchange({
          request,
          path,
          userAgent: agent,
          client,
          bytesSent: bytes,
          tookMs,
          upstream: isTraced ? agent : null,
          ...(isTraced ? {} : { traceparent: "" }),
        });
        assert.equal(plainLine(exchange), wholeLine(exchange));
      },
    ),
    { seed },
  );
});

test("plainLine leaves what has more to tell to wholeLine", () => {
  assert.equal(plainLine(someExchange({ rule: "modgate.yaml:3" })), null);
  assert.equal(plainLine(someExchange({ ageSeconds: 3 })), null);
  assert.equal(plainLine(someExchange({ verdict: "absent" })), null);
  assert.equal(plainLine(someExchange({ tries: [someTry({})] })), null);
  assert.equal(plainLine(someExchange({ request: null })), null);
});
