import { Problem } from "../kernel/problem.ts";

/** What differs between the rows of `lab gosum`, each with its values in the order of the rows. */
export const gosumAxes = {
  /** go.sum has the right lines of the module, none of them, or a wrong hash of its zip. */
  sum: ["has", "lacks", "wrong"],
  /** The module's files are in the module cache. */
  cache: ["yes", "no"],
  /** The proxy and the checksum database answer, or refuse every connection. */
  network: ["up", "down"],
  /** GOSUMDB. */
  sumdb: ["on", "off"],
  /** The flag -mod. */
  mod: ["readonly", "mod"],
} as const;

export type GosumAxis = keyof typeof gosumAxes;

/** One value of each axis. */
export type Combination = { readonly [Axis in GosumAxis]: (typeof gosumAxes)[Axis][number] };

/** The axes in the order of the columns. */
export const axisNames = Object.keys(gosumAxes).filter(isAxis);

/** Every combination, in the order of the rows. */
export function allCombinations(): Combination[] {
  const { sum, cache, network, sumdb, mod } = gosumAxes;
  return sum.flatMap((sum) =>
    cache.flatMap((cache) =>
      network.flatMap((network) =>
        sumdb.flatMap((sumdb) => mod.map((mod): Combination => ({ sum, cache, network, sumdb, mod }))),
      ),
    ),
  );
}

/**
 * The combinations that a filter such as `sum=wrong,cache=yes` lets through, all of them where it is blank. An axis
 * named twice lets both values through. USAGE where it names no axis or no value of one.
 */
export function combinationsOf(only: string): Combination[] {
  const wanted = new Map<GosumAxis, string[]>();
  for (const part of only.split(",").filter((part) => part.trim() !== "")) {
    const [name = "", value = "", ...more] = part.trim().split("=");
    const values: readonly string[] = isAxis(name) ? gosumAxes[name] : [];
    if (!isAxis(name) || !values.includes(value) || more.length > 0) {
      const choices = axisNames.map((axis) => `${axis}=${gosumAxes[axis].join("|")}`).join(" ");
      throw new Problem("USAGE", `Cannot read --only ${JSON.stringify(part)}: want one of ${choices}`, {
        hint: "modgate lab gosum --only sum=wrong,cache=yes",
      });
    }
    wanted.set(name, [...(wanted.get(name) ?? []), value]);
  }
  return allCombinations().filter((row) => [...wanted].every(([axis, values]) => values.includes(row[axis])));
}

function isAxis(name: string): name is GosumAxis {
  return Object.hasOwn(gosumAxes, name);
}
