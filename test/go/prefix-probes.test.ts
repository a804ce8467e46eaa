import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../testkit/fault.ts";
import { goCommand } from "../testkit/go-command.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface ProbeRow {
  readonly answer: string;
  readonly fault: Fault;
  /** Whether the commands work without `notFound: [403]`, and with it. */
  readonly plain: boolean;
  readonly mapped: boolean;
}

// GO-FACTS B, answers for example.com/mono/sub/@v/*: one answer that proves nothing breaks the whole command.
const rows: readonly ProbeRow[] = [
  { answer: "404", fault: { kind: "status", status: 404 }, plain: true, mapped: true },
  { answer: "410", fault: { kind: "status", status: 410 }, plain: true, mapped: true },
  { answer: "403", fault: { kind: "status", status: 403 }, plain: false, mapped: true },
  { answer: "401", fault: { kind: "status", status: 401 }, plain: false, mapped: false },
  { answer: "500", fault: { kind: "status", status: 500 }, plain: false, mapped: false },
  { answer: "rst", fault: { kind: "reset" }, plain: false, mapped: false },
];

const importsSub = 'package main\n\nimport "example.com/mono/sub"\n\nfunc main() { println(sub.Name()) }\n';
const emptyMain = { goMod: "module example.com/main\n\ngo 1.21\n" };
const importingMain = { ...emptyMain, files: { "main.go": importsSub } };

const commands = [
  { name: "get", args: ["get", "example.com/mono/sub"], project: emptyMain },
  { name: "get @v", args: ["get", "example.com/mono/sub@v1.0.0"], project: emptyMain },
  { name: "mod tidy", args: ["mod", "tidy"], project: importingMain },
  { name: "build -mod=mod", args: ["build", "-mod=mod", "-o", "/dev/null", "./..."], project: importingMain },
  { name: "install @latest", args: ["install", "example.com/mono/cmd/hello@latest"], project: emptyMain },
];

for (const row of rows) {
  for (const setting of ["plain", "mapped"] as const) {
    const notFound = setting === "mapped" ? [403] : [];
    test(`prefix probes answered ${row.answer} ${row[setting] ? "do not break" : "break"} go with notFound: [${notFound.join()}]`, async () => {
      await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
      upstream.fail({ match: "/example.com/mono/sub/*", fault: row.fault });
      upstream.fail({ match: "/example.com/mono/cmd*", fault: row.fault });
      await using modgate = await ModgateProcess.start({
        config: {
          upstream: upstream.url,
          upstreams: { P1: { url: upstream.url, notFound, retry: { attempts: 1 }, breaker: { failures: 1000 } } },
        },
      });
      await using go = await goCommand({ GOPROXY: modgate.url });
      for (const command of commands) {
        await go.coldCache();
        const result = await go.run(command.args, { cwd: await go.project(command.project) });
        assert.equal(result.exitCode === 0, row[setting], `go ${command.name}: ${result.stderr}`);
        if (row.answer === "403" && setting === "plain") assert.match(result.stderr, /notFound: \[403\]/, command.name);
      }
    });
  }
}
