import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { openAcceptors } from "./acceptors.ts";

const clients = 256;

// Connects from a thread of its own: the event loop under test is busy.
const crowd = `
const { connect } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const sockets = Array.from({ length: ${clients} }, () => connect(workerData.port, "127.0.0.1"));
for (const socket of sockets) socket.on("error", () => {});
parentPort.on("message", () => { for (const socket of sockets) socket.destroy(); parentPort.close(); });
`;

test("openAcceptors lets a crowd in within few turns of a busy event loop", async (t) => {
  if (process.platform !== "linux") return t.skip("this system shares no ports");
  const server = createServer();
  server.listen({ host: "127.0.0.1", port: 0, reusePort: true });
  await once(server, "listening");
  const close = await openAcceptors(server, "127.0.0.1", false);
  const accepted = new Set<Socket>();
  server.on("connection", (socket) => void accepted.add(socket));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const worker = new Worker(crowd, { eval: true, workerData: { port } });
  let turns = 0;
  while (accepted.size < clients) {
    await new Promise((resolve) => setImmediate(resolve));
    if (accepted.size > 0) turns++;
    const until = performance.now() + 5;
    while (performance.now() < until);
  }
  // One socket would need a turn for each.
  assert.ok(turns < clients / 4, `${turns} turns`);
  worker.postMessage("leave");
  await once(worker, "exit");
  close();
  server.close();
  const refused = connect(port ?? 0, "127.0.0.1");
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});
