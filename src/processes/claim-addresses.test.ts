import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { claimAddresses } from "./claim-addresses.ts";

test("claimAddresses finds a port for 0, leaves every other address as it is, and holds none", async () => {
  const claimed = await claimAddresses(["127.0.0.1:0", "unix:/run/x.sock", "[::1]:0"], "linux");
  assert.match(claimed?.[0] ?? "", /^127\.0\.0\.1:[1-9]\d+$/);
  assert.equal(claimed?.[1], "unix:/run/x.sock");
  assert.match(claimed?.[2] ?? "", /^\[::1\]:[1-9]\d+$/);
  const port = Number(claimed?.[0]?.split(":")[1]);
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  await assert.rejects(claimAddresses([`127.0.0.1:${port}`], "linux"), { code: "EADDRINUSE" });
  server.close();
});

test("claimAddresses refuses a port that others share as well", async (t) => {
  if (process.platform !== "linux") return t.skip("this system shares no ports");
  const server = createServer().listen({ host: "127.0.0.1", port: 0, reusePort: true });
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  await assert.rejects(claimAddresses([`127.0.0.1:${port}`], "linux"), { code: "EADDRINUSE" });
  server.close();
});

test("claimAddresses claims nothing where ports can't be shared", async () => {
  assert.equal(await claimAddresses(["127.0.0.1:0"], "darwin"), null);
});
