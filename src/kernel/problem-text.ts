import type { Problem } from "./problem.ts";

// What go prints under "server response:" (GO-FACTS A.2): at most 8 lines and 648 bytes, none blank,
// none that is not graphic; past either limit it prints "[Truncated: …]" instead of the text.
const maxLines = 8;
const maxBytes = 640;

/**
 * The text/plain body of a refusal: the message, each thing tried, the hint and the request id.
 * At most 8 lines and 648 bytes of UTF-8 without blank line or invisible character, whatever the
 * problem holds; the first line and the request id always survive.
 */
export function problemText(problem: Problem, requestId: string): string {
  const first = clip(`modgate: ${problem.verdict}: ${oneLine(problem.message)}`, 280);
  const hint = clip(`help: ${oneLine(problem.hint)}`, 160);
  const last = `request ${oneLine(requestId)} (${problem.code})`;
  let room = maxBytes - byteLength(first) - byteLength(hint) - byteLength(last) - 3;
  const tried: string[] = [];
  const lines = problem.tried.map((line) => clip(`  ${oneLine(line)}`, 150));
  for (const [index, line] of lines.entries()) {
    const left = lines.length - index;
    const rest = `  … and ${left} more`;
    const isLastRow = tried.length === maxLines - 4;
    const cost = byteLength(line) + 1;
    if ((isLastRow && left > 1) || cost + (left > 1 ? byteLength(rest) + 1 : 0) > room) {
      if (byteLength(rest) + 1 <= room) tried.push(rest);
      break;
    }
    tried.push(line);
    room -= cost;
  }
  return `${[first, ...tried, hint, last].join("\n")}\n`;
}

// go drops the whole text for one character that is neither graphic nor a space (GO-FACTS A.3).
function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim() || "-";
}

function clip(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text;
  let clipped = text.slice(0, bytes);
  while (byteLength(clipped) > bytes - 3) clipped = clipped.slice(0, -1);
  // A cut surrogate pair would not be UTF-8.
  return `${clipped.replace(/[\ud800-\udbff]$/, "")}…`;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
