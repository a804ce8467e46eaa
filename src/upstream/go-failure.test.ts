import assert from "node:assert/strict";
import { test } from "node:test";
import { goFailure } from "./go-failure.ts";

const subject = { module: "git.example.com/team/mod", version: "v1.2.3" };
const path = `unrecognized import path "${subject.module}"`;
const at = `go: ${subject.module}@v1.2.3:`;
const lsRemote =
  "invalid version: git ls-remote -q --end-of-options origin in /data/direct/mod/cache/vcs/abc: exit status 128:";

test("goFailure says absent only for what the host or version control has said", () => {
  const outputs = [
    `${at} invalid version: unknown revision v1.2.3`,
    `go: module ${subject.module}: no matching versions for query "v1.2.3"`,
    `${at} ${path}: reading https://git.example.com/team/mod?go-get=1: 404 Not Found`,
    `${at} ${path}: reading https://git.example.com/team/mod?go-get=1: 404 Not Found\n\tserver response: dial tcp: connection refused`,
    `${at} ${path}: reading https://git.example.com/team/mod?go-get=1: 410 Gone`,
    `${at} ${path}: parse https://git.example.com/team/mod?go-get=1: no go-import meta tags ()`,
    'go: github.com/foo@latest: invalid github.com import path "github.com/foo"',
    `${at} invalid version: module contains a go.mod file, so module path must match major version ("${subject.module}/v2")`,
    `${at} invalid version: should be v0 or v1, not v2`,
    `${at} invalid pseudo-version: does not match version-control timestamp (expected 20240101000000)`,
    `${at} invalid version: go.mod has post-v2 module path "${subject.module}/v2" at revision v1.2.3`,
  ];
  for (const output of outputs) assert.equal(goFailure(output, subject).kind, "absent", output);
});

test("goFailure says denied for refusals, and for `repository not found`, which hides as well as misses", () => {
  const outputs = [
    `${at} ${lsRemote}\n\tfatal: could not read Username for 'https://git.example.com': terminal prompts disabled`,
    `${at} ${lsRemote}\n\tgit@git.example.com: Permission denied (publickey).\n\tfatal: Could not read from remote repository.`,
    `${at} ${lsRemote}\n\tremote: HTTP Basic: Access denied\n\tfatal: Authentication failed for 'https://git.example.com/team/mod/'`,
    `${at} ${lsRemote}\n\tfatal: unable to access 'https://git.example.com/team/mod/': The requested URL returned error: 403`,
    `${at} ${lsRemote}\n\tremote: Repository not found.\n\tfatal: repository 'https://git.example.com/team/mod/' not found`,
    `${at} ${lsRemote}\n\tERROR: Repository not found.\n\tfatal: Could not read from remote repository.`,
    `${at} ${path}: reading https://git.example.com/team/mod?go-get=1: 403 Forbidden`,
    `${at} ${path}: reading https://git.example.com/team/mod?go-get=1: 401 Unauthorized\n\tserver response: unknown revision`,
    `${at} ${path}: GOVCS disallows using git for public git.example.com/team/mod; see 'go help vcs'`,
  ];
  for (const output of outputs) {
    const failure = goFailure(output, subject);
    assert.equal(failure.kind, "denied", output);
    assert.ok(failure.hint, output);
  }
});

test("goFailure says unreachable for everything else, what nobody knows included", () => {
  const outputs = [
    `${at} ${path}: https fetch: Get "https://git.example.com/team/mod?go-get=1": dial tcp: lookup git.example.com on 10.0.0.53:53: no such host`,
    `${at} ${path}: https fetch: Get "https://git.example.com/team/mod?go-get=1": dial tcp 10.0.0.1:443: connect: connection refused`,
    `${at} ${path}: https fetch: Get "https://git.example.com/team/mod?go-get=1": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    `${at} ${path}: reading https://git.example.com/team/mod?go-get=1: 503 Service Unavailable\n\tserver response: unknown revision`,
    `${at} ${lsRemote}\n\tfatal: unable to access 'https://git.example.com/x/': Could not resolve host: git.example.com`,
    `${at} ${lsRemote}\n\tfatal: unable to access 'https://git.example.com/x/': The requested URL returned error: 502`,
    `${at} ${lsRemote}\n\tssh: connect to host git.example.com port 22: Connection timed out\n\tfatal: Could not read from remote repository.`,
    `${at} ${lsRemote}\n\tHost key verification failed.\n\tfatal: Could not read from remote repository.`,
    `${at} ${lsRemote}\n\tfatal: early EOF`,
    `${at} git init --bare in /data: exec: "git": executable file not found in $PATH`,
    `${at} no secure protocol found for repository`,
    "go: something nobody has seen yet",
    "",
  ];
  for (const output of outputs) assert.equal(goFailure(output, subject).kind, "unreachable", output);
});

test("goFailure is not led astray by the names that were asked for", () => {
  const named = { module: "example.com/connection refused/certificate", version: "unknown revision" };
  assert.equal(goFailure(`go: ${named.module}@x: invalid version: unknown revision x`, named).kind, "unreachable");
  const tool = { module: "example.com/certificate-timeout", version: "v9" };
  const url = "https://example.com/certificate-timeout.git";
  assert.equal(goFailure(`go: ${tool.module}@v9: invalid version: unknown revision v9`, tool).kind, "absent");
  assert.equal(goFailure(`go: ${tool.module}@v9: ${url}: 404 Not Found`, tool).kind, "absent");
});

test("goFailure quotes the line that tells, without credentials", () => {
  const failure = goFailure(
    `go: downloading x\n${at} ${lsRemote}\n\tfatal: unable to access 'https://u:secret@git.example.com/': The requested URL returned error: 403\n`,
    subject,
  );
  assert.equal(
    failure.reason,
    "fatal: unable to access 'https://xxxxx@git.example.com/': The requested URL returned error: 403",
  );
});
