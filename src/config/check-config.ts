import { checkEnvironment } from "./check-environment.ts";
import { checkFiles } from "./check-files.ts";
import { checkPatterns } from "./check-patterns.ts";
import { checkUpstreams } from "./check-upstreams.ts";
import type { Draft } from "./draft.ts";
import type { Finding } from "./finding.ts";

/** Everything that the lint finds in a configuration that could be built, errors first. */
export async function checkConfig(draft: Draft): Promise<Finding[]> {
  const findings = [
    ...checkPatterns(draft),
    ...checkUpstreams(draft),
    ...(await checkFiles(draft)),
    ...checkEnvironment(draft),
  ];
  const errors = findings.filter(({ severity }) => severity === "error");
  return [...errors, ...findings.filter(({ severity }) => severity !== "error")];
}
