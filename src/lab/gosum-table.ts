import { axisNames, type GosumAxis, gosumAxes } from "./gosum-axes.ts";
import type { GosumReport } from "./gosum-lab.ts";
import type { LabAxis, LabReport } from "./lab-table.ts";

const titles: Readonly<Record<GosumAxis, string>> = {
  sum: "go.sum",
  cache: "cached",
  network: "network",
  sumdb: "GOSUMDB",
  mod: "-mod",
};

/** The axes of `lab gosum`, as every lab has them. */
export const gosumTableAxes: readonly LabAxis[] = axisNames.map((name) => ({
  name,
  title: titles[name],
  values: gosumAxes[name],
}));

/** The rows of `lab gosum` as a table like those of the other labs. */
export function gosumTable({ go, module, rows }: GosumReport): LabReport {
  const table = {
    title: "Every state",
    notes: [
      `Each row is a real \`go build\` with the one dependency \`${module}\`.`,
      "**go.sum** `has` both lines of the module, `lacks` them, or has a `wrong` hash of its zip.",
      "**cached**: the module's files are in the module cache, from a download with GOSUMDB=off. Where the database's answer is there too, go needs neither proxy nor database.",
      "**network** `down`: the proxy and the checksum database refuse every connection.",
      "`{proxy}` and `{database}` stand for their addresses.",
    ],
    axes: gosumTableAxes,
    columns: [],
    hasLegend: true,
    rows: rows.map(({ sum, cache, network, sumdb, mod, outcome, did, exitCode, message, advice, command }) => ({
      values: { sum, cache, network, sumdb, mod },
      outcome,
      did,
      exitCode,
      message,
      facts: {},
      advice,
      command,
      evidence: null,
    })),
  };
  return { lab: "gosum", title: "go.sum, the module cache and a network that fails", go, tables: [table] };
}
