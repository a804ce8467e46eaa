import { maskBrokenUrls, maskSign, maskText, maskUrls } from "../config/mask.ts";

/** The value of a variable without user names, passwords, and what is handed to a command of GOAUTH. */
export function maskVariable(name: string, value: string): string {
  switch (name) {
    case "GOPROXY":
      return maskBrokenUrls(value);
    case "HTTP_PROXY":
    case "HTTPS_PROXY":
      return maskUrls(value);
    case "GOAUTH":
      return value
        .split(";")
        .map((command) => (/^\s*(off|netrc|git)\b/.test(command) ? command : maskWords(command)))
        .join(";");
    default:
      return maskText(value);
  }
}

function maskWords(command: string): string {
  return command.replace(/^(\s*\S+)\s+\S.*$/s, `$1 ${maskSign}`);
}
