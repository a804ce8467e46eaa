// A quiet reporter: failures with the seeds of their file, skipped tests with their reason, and the closing count.
export default async function* report(source) {
  const count = { pass: 0, fail: 0, skip: 0 };
  const seeds = [];
  const failed = new Set();
  for await (const { type, data } of source) {
    if (type === "test:stdout" || type === "test:stderr") yield data.message;
    if (type === "test:diagnostic" && /seed/i.test(data.message)) seeds.push({ file: data.file, text: data.message });
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
      failed.add(data.file);
      const error = data.details?.error;
      yield `FAILED ${data.name} (${data.file ?? ""}:${data.line ?? 0})\n${indent(describe(error))}\n`;
    }
  }
  // A test says its seed after it has ended.
  for (const { file, text } of seeds) if (failed.has(file)) yield `${text} (${file})\n`;
  yield `${count.pass} passed, ${count.fail} failed, ${count.skip} skipped\n`;
}

const isLeaf = (data) => data.details?.type !== "suite";
const describe = (error) => String(error?.cause?.stack ?? error?.cause ?? error?.stack ?? error);
const indent = (text) => text.replace(/^/gm, "    ");
