import type { CommandPlace } from "./commands-scene.ts";

/** A command line of go that the lab runs, and where. */
export interface CommandCase {
  /** Its arguments, as they are typed after `go`. */
  readonly line: string;
  readonly place: CommandPlace;
}

/** The commands of `lab commands`, in the order of the rows. */
export const commandCases: readonly CommandCase[] = [
  { line: "list -m lab.example/a@v1.2.0", place: "outside" },
  { line: "list -m lab.example/a@latest", place: "outside" },
  { line: "list -m lab.example/a@main", place: "outside" },
  { line: "list -m lab.example/c@latest", place: "outside" },
  { line: "list -m -versions lab.example/a", place: "outside" },
  { line: "list -m -versions lab.example/retr", place: "outside" },
  { line: "list -m -versions -retracted lab.example/retr", place: "outside" },
  { line: "list -m all", place: "main" },
  { line: "list -m -u all", place: "main" },
  { line: "get lab.example/a", place: "empty" },
  { line: "get lab.example/a@v1.2.0", place: "empty" },
  { line: "get lab.example/a@main", place: "empty" },
  { line: "get lab.example/retr@v1.1.0", place: "empty" },
  { line: "get -u ./...", place: "main" },
  { line: "mod download", place: "main" },
  { line: "mod download lab.example/a@v1.2.0", place: "outside" },
  { line: "mod tidy", place: "main" },
  { line: "mod tidy", place: "untidy" },
  { line: "mod verify", place: "main" },
  { line: "mod graph", place: "main" },
  { line: "build -o /dev/null ./...", place: "main" },
  { line: "install lab.example/tool@v1.0.0", place: "outside" },
  { line: "install lab.example/tool@latest", place: "outside" },
];

/** How a case is named in the rows. */
export function caseName({ line, place }: CommandCase): string {
  return place === "untidy" ? `go ${line} (untidy)` : `go ${line}`;
}
