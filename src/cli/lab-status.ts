import { runStatusLab } from "../lab/status-lab.ts";
import { defineLab } from "./define-lab.ts";

/** `modgate lab status`: what 200, 304, 404 and 410 mean to go for each file. */
export const labStatusCommand = defineLab({
  name: "status",
  summary: "Run go with 200, 304, 404 and 410 for each kind of file",
  examples: ["modgate lab status", "modgate lab status --markdown > status.md"],
  details:
    "Each command runs twice over one module cache, against answers with an ETag:\n" +
    "what go makes of the status, whether it asks once more, and whether it ever\n" +
    "sends If-None-Match.",
  runLab: runStatusLab,
});
