import * as z from "zod";
import { Problem } from "../kernel/problem.ts";
import { maskText } from "../config/mask.ts";
import { endOfGo, type GoCommand } from "../upstream/run-go.ts";
import { goVariables } from "./go-variables.ts";
import { askGoFacts, type GoFacts } from "./read-go-sources.ts";

/** What the go command itself says. */
export interface GoAnswers {
  /** Null where there is no go that runs. */
  readonly facts: GoFacts | null;
  /** What `go env -json` says here; null where it fails. */
  readonly env: Readonly<Record<string, string>> | null;
  /** Why go refuses to work with these settings, in its own words without secrets; null where it does not. */
  readonly refusal: string | null;
}

const answerSchema = z.record(z.string(), z.string());

/**
 * Asks go what it has built in, what it makes of the settings, and whether any of them keeps it from working at all.
 * With GOTOOLCHAIN=local, so that no toolchain is downloaded for the answer. Nothing is written.
 */
export async function askGo(go: GoCommand, signal: AbortSignal): Promise<GoAnswers> {
  try {
    const facts = await askGoFacts(go, signal);
    const local = { ...go, environment: { ...go.environment, GOTOOLCHAIN: "local" } };
    const names = [...goVariables.map(({ name }) => name), "GOMOD", "GOVERSION"];
    const asked = await endOfGo(local, ["env", "-json", ...names], signal);
    // `go env` overlooks bad flags in GOFLAGS; this one does not.
    const plain = await endOfGo(local, ["version"], signal);
    const failed = [plain, asked].find(({ exitCode }) => exitCode !== 0);
    return {
      facts,
      env: asked.exitCode === 0 ? answerSchema.parse(JSON.parse(asked.stdout)) : null,
      refusal: failed === undefined ? null : maskText(failed.stderr.trim().split("\n").slice(0, 3).join(" ")),
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { facts: null, env: null, refusal: error.message };
  }
}
