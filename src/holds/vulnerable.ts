import { Problem } from "../kernel/problem.ts";
import { fixOf, type OsvEntry, parseOsvEntry } from "../gomod/osv-entry.ts";
import { compareVersions } from "../gomod/version.ts";
import type { CompiledRules } from "../policy/decide.ts";
import type { Held, HeldModule, Hold, HoldLook } from "../ports/hold.ts";

/** A file of the vulnerability database as it is now, such as `index/modules.json`. */
export type ReadVulndb = (path: string, signal: AbortSignal) => Promise<Buffer>;

interface VulnerableParts {
  readonly rules: CompiledRules;
  /** Entries that the operator takes as they are, by id or alias. */
  readonly accepted: ReadonlySet<string>;
  readonly read: ReadVulndb;
}

interface Listed {
  readonly id: string;
  readonly modified: string;
}

const toolchain = "golang.org/toolchain";

/**
 * Holds versions of which the vulnerability database has an entry that a later version fixes. What nothing fixes yet is
 * served: there is nothing to take instead. Their go.mod is served too, because builds read those of versions whose
 * code they do not use.
 */
export class Vulnerable implements Hold {
  readonly #parts: VulnerableParts;
  #index: { readonly bytes: Buffer; readonly byModule: ReadonlyMap<string, readonly Listed[]> } | null = null;
  readonly #entries = new Map<string, OsvEntry | null>();

  constructor(parts: VulnerableParts) {
    this.#parts = parts;
  }

  concerns({ module }: HeldModule): boolean {
    return this.#parts.rules.decideModule(module).rule?.blockVulnerable ?? false;
  }

  async among({ module }: HeldModule, versions: readonly string[], look: HoldLook): Promise<ReadonlyMap<string, Held>> {
    const held = new Map<string, Held>();
    const entries = await this.#entriesAbout(module, look.signal);
    for (const version of versions) {
      const found = entries.flatMap((entry) => {
        const fixed = fixOf(entry, versionIn(module, version));
        return fixed === null ? [] : [{ entry, fixed }];
      });
      if (found.length === 0) continue;
      const problem = this.#refusal(module, version, found);
      held.set(version, { problem, retracts: true, isUnlisted: false, keepsGoMod: true });
    }
    return held;
  }

  async #entriesAbout(module: string, signal: AbortSignal): Promise<readonly OsvEntry[]> {
    try {
      return (await Promise.all(namesOf(module).map((name) => this.#entriesOf(name, signal)))).flat();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
      throw new Problem(
        "UPSTREAM_UNREACHABLE",
        `Cannot tell whether ${module} has known vulnerabilities, which a rule blocks: ${error.message}`,
        { tried: error.tried, cause: error, hint: "the operator's vulndb.source must answer, or have answered before" },
      );
    }
  }

  #refusal(
    module: string,
    version: string,
    found: readonly { readonly entry: OsvEntry; readonly fixed: string }[],
  ): Problem {
    const { rule } = this.#parts.rules.decideModule(module);
    const said = found.map(({ entry, fixed }) => `${entry.id} (${entry.summary || "no summary"}), fixed in ${fixed}`);
    const [highest = ""] = found.map(({ fixed }) => fixed).sort((one, other) => compareVersions(other, one));
    const name = module === toolchain ? `go${highest.slice(1)}` : `${module}@${highest}`;
    return new Problem(
      "VERSION_VULNERABLE",
      `${module}@${version} has a known vulnerability, and the rule ${rule?.pattern} (${rule?.source}) blocks those: ${said.join("; ")}`,
      { hint: `take ${name} or later` },
    );
  }

  async #entriesOf(module: string, signal: AbortSignal): Promise<readonly OsvEntry[]> {
    const listed = (await this.#indexNow(signal)).get(module) ?? [];
    const entries = await Promise.all(listed.map((one) => this.#entry(one, module, signal)));
    const { accepted } = this.#parts;
    return entries.filter(
      (entry) => entry !== null && !accepted.has(entry.id) && !entry.aliases.some((alias) => accepted.has(alias)),
    ) as OsvEntry[];
  }

  async #indexNow(signal: AbortSignal): Promise<ReadonlyMap<string, readonly Listed[]>> {
    const bytes = await this.#parts.read("index/modules.json", signal);
    // The same bytes in memory are the same index.
    if (this.#index?.bytes !== bytes) this.#index = { bytes, byModule: parseIndex(bytes) };
    return this.#index.byModule;
  }

  async #entry({ id, modified }: Listed, module: string, signal: AbortSignal): Promise<OsvEntry | null> {
    const key = `${id} ${modified} ${module}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry = parseOsvEntry(JSON.parse((await this.#parts.read(`ID/${id}.json`, signal)).toString()), module);
    if (this.#entries.size > 10_000) this.#entries.clear();
    this.#entries.set(key, entry);
    return entry;
  }
}

/** What the database calls a module: toolchains are the standard library and the go command. */
function namesOf(module: string): readonly string[] {
  return module === toolchain ? ["stdlib", "toolchain"] : [module];
}

function versionIn(module: string, version: string): string {
  if (module !== toolchain) return version;
  const [, number = "", rc = ""] = /^v0\.0\.1-go(1(?:\.\d+){1,2})(rc\d+)?\./.exec(version) ?? [];
  const whole = number.split(".").length === 2 ? `${number}.0` : number;
  return `v${whole}${rc === "" ? "" : `-${rc}`}`;
}

function parseIndex(bytes: Buffer): ReadonlyMap<string, readonly Listed[]> {
  const byModule = new Map<string, readonly Listed[]>();
  const index: unknown = JSON.parse(bytes.toString());
  if (!Array.isArray(index))
    throw new Problem("UPSTREAM_DAMAGED", "index/modules.json of the vulnerability database is no list");
  for (const one of index as { path?: unknown; vulns?: unknown }[]) {
    if (typeof one?.path !== "string" || !Array.isArray(one.vulns)) continue;
    const vulns = (one.vulns as { id?: unknown; modified?: unknown }[]).filter(({ id }) =>
      /^GO-\d{4}-\d+$/.test(String(id)),
    );
    byModule.set(
      one.path,
      vulns.map(({ id, modified }) => ({ id: String(id), modified: String(modified) })),
    );
  }
  return byModule;
}
