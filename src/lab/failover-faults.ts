import { STATUS_CODES } from "node:http";
import { labModule } from "./lab-module.ts";
import { type LabTree, labTree } from "./lab-tree.ts";

const statuses = [
  204, 206, 300, 304, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 418, 421, 425, 429, 451, 500, 501, 502,
  503, 504,
];

/** What is wrong with the first proxy: a status, a fault of its answers, or one of its connections. */
export interface FailoverFault {
  /** Its name in the rows, such as 503 or reset. */
  readonly name: string;
  /** The module that it happens to. */
  readonly module: string;
  /** Where it is made: in the answers of the lab's server, or before any answer. */
  readonly kind: "answer" | "refused" | "tls-expired" | "tls-wrong-name";
}

/** Every fault, in the order of the rows. */
export const failoverFaults: readonly FailoverFault[] = [
  answerFault("200", "right"),
  ...statuses.map((status) => answerFault(String(status), `any-status-${status}`)),
  answerFault("reset", "any-reset"),
  answerFault("truncate", "any-truncate"),
  answerFault("truncate zip", "zip-truncate"),
  answerFault("html-200", "any-html-200"),
  answerFault("bad-zip", "any-bad-zip"),
  { name: "refused", module: "lab.example/hello", kind: "refused" },
  { name: "tls-expired", module: "lab.example/hello", kind: "tls-expired" },
  { name: "tls-wrong-name", module: "lab.example/hello", kind: "tls-wrong-name" },
];

/** The modules of `lab failover`, each in the one version v1.0.0. */
export const failoverTree: LabTree = labTree(
  [...new Set(failoverFaults.map(({ module }) => module))].map((path) =>
    labModule({ path, version: "v1.0.0", files: { "lab.go": "package lab\n\nconst Name = `lab`\n" } }),
  ),
);

/** What go prints of a status, and the lab's text beside it, for maskText(). */
export function statusMasks(fault: string): [string, string][] {
  const phrase = STATUS_CODES[Number(fault)];
  const masks: [string, string][] = [["answer", `fault: status ${fault}`]];
  return phrase === undefined ? [] : [...masks, ["status", `${fault} ${phrase}`]];
}

function answerFault(name: string, module: string): FailoverFault {
  return { name, module: `lab.example/${module}`, kind: "answer" };
}
