import { listKey } from "../gomod/keys.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { compareVersions, isPseudoVersion, latestOf } from "../gomod/version.ts";
import { answerModule, type LabModule } from "./lab-module.ts";
import type { LoopbackAnswer } from "./loopback-server.ts";

/** Modules of a lab's proxy. */
export interface LabTree {
  readonly modules: readonly LabModule[];
  /** What a proxy with these modules answers to a path; null is 404. https://go.dev/ref/mod#goproxy-protocol */
  answer(path: string): LoopbackAnswer | null;
}

/** A branch or commit, as `MODULE@NAME`, and the version that it is. */
export type LabRefs = Readonly<Record<string, string>>;

/** Makes it; `@latest` of a module is its highest release, or the newest pseudo-version where there is no other. */
export function labTree(modules: readonly LabModule[], refs: LabRefs = {}): LabTree {
  const answers = new Map<string, LoopbackAnswer>();
  for (const path of new Set(modules.map((module) => module.path))) {
    const versions = modules.filter((module) => module.path === path);
    const tagged = versions.map(({ version }) => version).filter((version) => !isPseudoVersion(version));
    const list = tagged.toSorted(compareVersions).map((version) => `${version}\n`);
    const base = escapeModulePath(path);
    answers.set(`/${listKey(base)}`, text(list.join("")));
    const latest =
      latestOf(tagged) ??
      versions
        .map(({ version }) => version)
        .toSorted(compareVersions)
        .at(-1);
    for (const module of versions) {
      if (module.version === latest) answers.set(`/${base}/@latest`, infoOf(module));
      for (const [name, version] of Object.entries(refs)) {
        const [of = "", ref = ""] = name.split("@");
        if (of !== path || version !== module.version) continue;
        answers.set(`/${base}/@v/${escapeVersion(ref)}.info`, infoOf(module));
      }
    }
  }
  return {
    modules,
    answer(path) {
      const known = answers.get(path);
      if (known) return known;
      if (!/\.(?:info|mod|zip)$/.test(path)) return null;
      for (const module of modules) {
        const answer = answerModule(module, path);
        if (answer !== null) return answer;
      }
      return null;
    },
  };
}

function infoOf({ info }: LabModule): LoopbackAnswer {
  return { body: info, contentType: "application/json" };
}

function text(body: string): LoopbackAnswer {
  return { body: Buffer.from(body), contentType: "text/plain; charset=utf-8" };
}
