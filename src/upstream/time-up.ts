/** A time limit that ran out; `what` is what did not happen, such as "no answer". */
export class TimeUp extends Error {
  constructor(what: string, limitMs: number) {
    super(`${what} within ${seconds(limitMs)}`);
    this.name = "TimeUp";
  }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}
