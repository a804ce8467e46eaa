import { examineEnvironment } from "../doctor/examine-environment.ts";
import { sortDoctorFindings } from "../doctor/doctor-finding.ts";
import { processGroups } from "../upstream/process-group.ts";
import type { CommandSpec } from "./define-command.ts";
import { describeDoctor } from "./describe-doctor.ts";
import { exitCodes } from "./exit-codes.ts";

/** `modgate doctor`: why go on this machine downloads as it does, and what is wrong with that. */
export const doctorCommand: CommandSpec = {
  usage: "doctor",
  summary: "Say where go downloads from here, why, and what is wrong with that",
  examples: ["modgate doctor", "modgate doctor --json"],
  details:
    "Looks at what go looks at: the environment, the file of go env -w, go.env, the\n" +
    "shell's start-up files, netrc, go.mod. Nothing is changed; each finding comes\n" +
    "with the rule of go behind it and one command that mends it. Secrets are masked.\n" +
    "\n" +
    "Exit code 1 where something is found.",
  options: [["--go <command>", "The go command (default: go)"]],
  async run({ context, options }) {
    const set = Object.entries(context.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const go = {
      binary: typeof options["go"] === "string" ? options["go"] : "go",
      run: processGroups(context.clock),
      environment: Object.fromEntries(set),
      cwd: process.cwd(),
    };
    const machine = { platform: process.platform, etc: "/etc" };
    const examined = await examineEnvironment(go, machine, context.signal);
    const findings = sortDoctorFindings(examined.findings);
    const { variables, answers } = examined;
    const report = { findings, go: answers.facts?.GOVERSION ?? null, environment: variables };
    return {
      data: report,
      exitCode: findings.length === 0 ? exitCodes.fine : exitCodes.findings,
      text: (view) => describeDoctor(report, view),
    };
  },
};
