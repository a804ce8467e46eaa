import { runCommandsLab } from "../lab/commands-lab.ts";
import { defineLab } from "./define-lab.ts";

/** `modgate lab commands`: what each command of go asks for and changes. */
export const labCommandsCommand = defineLab({
  name: "commands",
  summary: "Run the commands of go, and count what each asks for and changes",
  examples: [
    "modgate lab commands",
    "modgate lab commands --go ~/sdk/go1.25.1/bin/go --markdown > commands.md",
    "modgate lab commands --json | jq '.data.tables[0].rows[] | .did'",
  ],
  details:
    "go list -m, go get, go mod, go build and go install run for real against modules\n" +
    "with several versions, retractions, a branch and a checksum database behind the\n" +
    "proxy: with an empty module cache, and once more with a filled one.",
  runLab: runCommandsLab,
});
