import { covers } from "../policy/covers.ts";
import type { Draft } from "./draft.ts";
import { type Finding, finding } from "./finding.ts";
import { nearest } from "./nearest.ts";
import { variableName } from "./setting.ts";
import { settingList, settings } from "./settings.ts";

/** Finds what does not fit together between the configuration and what is around it. */
export function checkEnvironment(draft: Draft): Finding[] {
  return [...checkVariables(draft), ...checkNoProxy(draft), ...checkIdleParts(draft), ...checkListeners(draft)];
}

// Variables of modgate's own tests, beside the settings.
const otherVariables = ["MODGATE_CONFIG", "MODGATE_DEEP", "MODGATE_GOLDEN"];

function checkVariables({ sources }: Draft): Finding[] {
  const known = [...otherVariables, ...settingList.map(variableName)];
  return Object.keys(sources.env)
    .filter((name) => name.startsWith("MODGATE_") && sources.env[name] !== undefined && !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      const message = near === null ? "is no setting" : `is no setting; want ${near}`;
      return finding("MG1113", { place: `env ${name}`, path: "", message });
    });
}

function checkNoProxy({ config, read, sources }: Draft): Finding[] {
  const findings: Finding[] = [];
  for (const name of ["GONOPROXY", "GONOSUMDB"] as const) {
    const text = sources.env[name] || read.goEnv?.[name] || "";
    const public_ = text
      .split(",")
      .filter((pattern) => pattern !== "" && pattern !== "none" && !config.private.some((own) => covers(own, pattern)));
    if (public_.length === 0) continue;
    const message = `${public_.join(", ")} ${public_.length > 1 ? "are" : "is"} not in private`;
    findings.push(finding("MG1116", { place: `go env ${name}`, path: "", message }));
  }
  return findings;
}

function checkIdleParts({ config, read }: Draft): Finding[] {
  const findings: Finding[] = [];
  for (const { setting, winner } of read.resolved.values()) {
    if (winner.origin.kind === "default") continue;
    const isIdleWebhook = setting.key.startsWith("webhook.") && config.webhook === null;
    const isIdleConfirm = setting.key === settings.confirmEvery.key && config.confirm === null;
    if (!isIdleWebhook && !isIdleConfirm) continue;
    const missing = isIdleWebhook ? settings.webhookUrl.key : settings.confirmPatterns.key;
    const message = `has no effect without ${missing}`;
    findings.push(finding("MG1119", { place: winner.origin.text, path: setting.key, message }));
  }
  return findings;
}

function checkListeners({ config, values }: Draft): Finding[] {
  const addresses = config.listen.map(({ address }) => address);
  return addresses
    .filter((address, index) => !address.endsWith(":0") && addresses.indexOf(address) < index)
    .map((address) =>
      finding("MG1121", { place: values.placeOf(settings.listen), path: "listen", message: `${address} stands twice` }),
    );
}
