import { LRUCache } from "lru-cache";
import { type Dispatcher, request } from "undici";
import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import type { ValidationSubject, Validator } from "../ports/validator.ts";

type HookSettings = NonNullable<Config["webhook"]>;

const answerSchema = z.object({ allow: z.boolean(), reason: z.string().max(400).optional() });
const maxAnswerBytes = 16_384;

interface Ruling {
  readonly allow: boolean;
  readonly reason: string;
  readonly untilMs: number;
}

/**
 * Asks the operator's webhook about versions: POST {module, version, endpoint, client} as JSON, answer
 * {"allow": true|false, "reason": "…"} with status 200. Rulings are kept for `cacheMs`; a hook that fails or
 * is late is ruled by `onFailure`, and that is not kept.
 */
export class ValidationWebhook implements Validator {
  readonly #settings: HookSettings;
  readonly #clock: Clock;
  readonly #dispatcher: Dispatcher;
  readonly #rulings = new LRUCache<string, Ruling>({ max: 20_000 });
  // One question for each version at a time, however many clients wait for it.
  readonly #underWay = new Map<string, Promise<Ruling>>();

  constructor(settings: HookSettings, clock: Clock, dispatcher: Dispatcher) {
    this.#settings = settings;
    this.#clock = clock;
    this.#dispatcher = dispatcher;
  }

  async validate(subject: ValidationSubject, signal: AbortSignal): Promise<void> {
    if (!matchPrefixPatterns(this.#settings.patterns, subject.module)) return;
    signal.throwIfAborted();
    const ruling = this.#kept(subject) ?? (await this.#rule(subject));
    if (ruling.allow) return;
    throw new Problem("DENIED_BY_HOOK", `${subject.module}@${subject.version} is denied: ${ruling.reason}`);
  }

  #kept(subject: ValidationSubject): Ruling | undefined {
    const ruling = this.#rulings.get(keyOf(subject));
    return ruling !== undefined && ruling.untilMs > this.#clock.monotonic() ? ruling : undefined;
  }

  #rule(subject: ValidationSubject): Promise<Ruling> {
    const key = keyOf(subject);
    const already = this.#underWay.get(key);
    if (already) return already;
    const ruling = this.#ask(subject).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, ruling);
    return ruling;
  }

  async #ask(subject: ValidationSubject): Promise<Ruling> {
    const { url, headers, timeoutMs, cacheMs, onFailure } = this.#settings;
    const deadline = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)));
    try {
      const response = await request(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(subject),
        dispatcher: this.#dispatcher,
        signal: deadline.signal,
      });
      const text = await readLimited(response.body, response.statusCode);
      const answer = answerSchema.parse(JSON.parse(text));
      const reason = answer.reason ?? "the validation hook gave no reason";
      const ruling = { allow: answer.allow, reason, untilMs: this.#clock.monotonic() + cacheMs };
      this.#rulings.set(keyOf(subject), ruling);
      return ruling;
    } catch (error) {
      const why = deadline.signal.aborted ? `no answer within ${timeoutMs} ms` : describe(error);
      return {
        allow: onFailure === "allow",
        reason: `the validation hook failed (${why}) and fails closed`,
        untilMs: 0,
      };
    } finally {
      cancel();
    }
  }
}

function keyOf(subject: ValidationSubject): string {
  // The client is told to the hook, but a ruling is about the version alone.
  return `${subject.module}@${subject.version}`;
}

async function readLimited(body: AsyncIterable<Uint8Array>, status: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxAnswerBytes) throw new Error(`answer longer than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  if (status !== 200) throw new Error(`status ${status}`);
  return Buffer.concat(chunks).toString("utf8");
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) return 'answer is not {"allow": true|false, "reason": "…"}';
  return error instanceof Error ? error.message : String(error);
}
