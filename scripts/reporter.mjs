// A quiet reporter: failures and skipped tests with their reason, one line a file, and the closing count.
export default async function* report(source) {
  const count = { pass: 0, fail: 0, skip: 0 };
  for await (const { type, data } of source) {
    if (type === "test:stdout" || type === "test:stderr") yield data.message;
    if (type === "test:diagnostic" && /seed/i.test(data.message)) yield `  ${data.message}\n`;
    if (type === "test:pass") {
      if (data.skip !== undefined) {
        count.skip++;
        yield `SKIPPED ${data.name}${typeof data.skip === "string" ? `: ${data.skip}` : ""}\n`;
      } else if (isLeaf(data)) {
        count.pass++;
        if (data.details.duration_ms > 20_000) yield `slow ${Math.round(data.details.duration_ms)} ms: ${data.name}\n`;
      }
    }
    if (type === "test:fail" && data.details?.error?.failureType !== "subtestsFailed") {
      count.fail++;
      const error = data.details?.error;
      yield `FAILED ${data.name} (${data.file ?? ""}:${data.line ?? 0})\n${indent(describe(error))}\n`;
    }
  }
  yield `${count.pass} passed, ${count.fail} failed, ${count.skip} skipped\n`;
}

const isLeaf = (data) => data.details?.type !== "suite";
const describe = (error) => String(error?.cause?.stack ?? error?.cause ?? error?.stack ?? error);
const indent = (text) => text.replace(/^/gm, "    ");
