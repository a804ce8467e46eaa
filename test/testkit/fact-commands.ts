/** A row of GO-FACTS B.1 and B.2: what a command asks for. */
export interface FactCommand {
  /** With an empty module cache; the same with and without a checksum database. */
  readonly cold: string;
  /** With a filled one. */
  readonly warm: string;
  /** Versions that the checksum database is asked for with an empty cache; null where nobody measured it. */
  readonly lookups: string | null;
}

/** By the command line, with the lab's host in place of example.com. */
export const factCommands: Readonly<Record<string, FactCommand>> = {
  "go list -m lab.example/a@v1.2.0": { cold: "a/@v1.2.0.info a/@v1.2.0.mod", warm: "", lookups: "a@v1.2.0" },
  "go list -m lab.example/a@latest": {
    cold: "a/@list a/@v1.3.0.info a/@v1.3.0.mod",
    warm: "a/@list",
    lookups: "a@v1.3.0",
  },
  "go list -m lab.example/a@main": { cold: "a/@main.info a/@PSEUDO.mod", warm: "a/@main.info", lookups: null },
  "go list -m lab.example/c@latest": { cold: "c/@list c/@latest c/@C2.mod", warm: "c/@list c/@latest", lookups: null },
  "go list -m -versions lab.example/a": {
    cold: "a/@list a/@v1.3.0.info a/@v1.3.0.mod",
    warm: "a/@list",
    lookups: "a@v1.3.0",
  },
  "go list -m -versions lab.example/retr": {
    cold: "retr/@list retr/@v1.2.0.info retr/@v1.2.0.mod",
    warm: "retr/@list",
    lookups: null,
  },
  "go list -m -versions -retracted lab.example/retr": { cold: "retr/@list", warm: "retr/@list", lookups: null },
  "go list -m all": {
    cold: "a/@v1.2.0.mod Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.mod Upper/@v1.0.0.info a/@v1.2.0.info b/@v1.1.0.info c/@C1.info",
    warm: "",
    lookups: "",
  },
  "go list -m -u all": {
    cold: "Upper/@v1.0.0.mod b/@v1.1.0.mod a/@v1.2.0.mod c/@C1.mod Upper/@v1.0.0.info a/@v1.2.0.info Upper/@list a/@list b/@v1.1.0.info a/@v1.3.0.info b/@list a/@v1.3.0.mod c/@C1.info c/@list c/@latest c/@C2.mod",
    warm: "Upper/@list a/@list b/@list c/@list c/@latest",
    lookups: "a@v1.3.0 c@C2",
  },
  "go get lab.example/a": {
    cold: "a/@list @list a/@v1.3.0.info a/@v1.3.0.mod a/@v1.3.0.zip b/@v1.1.0.zip Upper/@v1.0.0.zip Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.zip c/@C1.mod b/@list Upper/@list Upper/@v1.0.0.info b/@v1.1.0.info c/@list c/@latest c/@C2.mod",
    warm: "@list a/@list Upper/@list c/@list c/@latest b/@list",
    lookups: "Upper@v1.0.0 a@v1.3.0 b@v1.1.0 c@C1 c@C2",
  },
  "go get lab.example/a@v1.2.0": {
    cold: "@v1.2.0.info a/@v1.2.0.info a/@v1.2.0.zip a/@v1.2.0.mod b/@v1.1.0.zip Upper/@v1.0.0.zip Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.zip c/@C1.mod a/@list Upper/@list Upper/@v1.0.0.info a/@v1.3.0.info a/@v1.3.0.mod b/@list b/@v1.1.0.info c/@list c/@latest c/@C2.mod",
    warm: "@v1.2.0.info a/@list Upper/@list b/@list c/@list c/@latest",
    lookups: "Upper@v1.0.0 a@v1.2.0 a@v1.3.0 b@v1.1.0 c@C1 c@C2",
  },
  "go get lab.example/a@main": {
    cold: "a/@main.info @main.info a/@list a/@v1.3.0.info a/@v1.3.0.mod a/@PSEUDO.zip a/@PSEUDO.mod",
    warm: "@main.info a/@main.info a/@list",
    lookups: "a@PSEUDO a@v1.3.0",
  },
  "go get lab.example/retr@v1.1.0": {
    cold: "@v1.1.0.info retr/@v1.1.0.info retr/@v1.1.0.zip retr/@v1.1.0.mod retr/@list retr/@v1.2.0.info retr/@v1.2.0.mod",
    warm: "@v1.1.0.info retr/@list",
    lookups: null,
  },
  "go get -u ./...": {
    cold: "a/@v1.2.0.mod Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.mod a/@v1.2.0.zip @list a/@list a/@v1.3.0.info a/@v1.3.0.mod a/@v1.3.0.zip Upper/@v1.0.0.zip b/@v1.1.0.zip b/@list Upper/@list b/@v1.1.0.info %21upper/@list c/@C1.zip Upper/@v1.0.0.info c/@list c/@latest c/@C2.mod c/@C2.zip",
    warm: "@list a/@list b/@list Upper/@list c/@list %21upper/@list c/@latest",
    lookups: "a@v1.3.0 c@C2",
  },
  "go mod download": {
    cold: "Upper/@v1.0.0.mod a/@v1.2.0.mod b/@v1.1.0.mod c/@C1.mod a/@v1.2.0.info Upper/@v1.0.0.info b/@v1.1.0.info c/@C1.info Upper/@v1.0.0.zip a/@v1.2.0.zip b/@v1.1.0.zip c/@C1.zip",
    warm: "",
    lookups: "",
  },
  "go mod download lab.example/a@v1.2.0": {
    cold: "a/@v1.2.0.info a/@v1.2.0.mod a/@v1.2.0.zip",
    warm: "",
    lookups: "a@v1.2.0",
  },
  "go mod tidy": {
    cold: "a/@v1.2.0.zip a/@v1.2.0.mod Upper/@v1.0.0.zip b/@v1.1.0.zip Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.zip c/@C1.mod",
    warm: "",
    lookups: "",
  },
  "go mod tidy (untidy)": {
    cold: "a/@list @list a/@v1.3.0.info a/@v1.3.0.mod a/@v1.3.0.zip Upper/@v1.0.0.zip b/@v1.1.0.zip Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.zip c/@C1.mod",
    warm: "",
    lookups: "Upper@v1.0.0 a@v1.3.0 b@v1.1.0 c@C1",
  },
  "go mod verify": { cold: "a/@v1.2.0.mod Upper/@v1.0.0.mod c/@C1.mod b/@v1.1.0.mod", warm: "", lookups: "" },
  "go mod graph": { cold: "a/@v1.2.0.mod Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.mod", warm: "", lookups: "" },
  "go build -o /dev/null ./...": {
    cold: "a/@v1.2.0.zip a/@v1.2.0.mod b/@v1.1.0.zip Upper/@v1.0.0.zip b/@v1.1.0.mod Upper/@v1.0.0.mod c/@C1.zip c/@C1.mod a/@v1.2.0.info Upper/@v1.0.0.info b/@v1.1.0.info c/@C1.info",
    warm: "",
    lookups: "",
  },
  "go install lab.example/tool@v1.0.0": {
    cold: "tool/@v1.0.0.info @v1.0.0.info tool/@v1.0.0.zip tool/@list tool/@v1.0.0.mod a/@v1.1.0.zip a/@v1.1.0.mod b/@v1.0.0.zip b/@v1.0.0.mod a/@v1.1.0.info b/@v1.0.0.info",
    warm: "@v1.0.0.info tool/@list",
    lookups: "a@v1.1.0 b@v1.0.0 tool@v1.0.0",
  },
  "go install lab.example/tool@latest": {
    cold: "tool/@list @list tool/@v1.0.0.info tool/@v1.0.0.mod tool/@v1.0.0.zip a/@v1.1.0.zip a/@v1.1.0.mod b/@v1.0.0.zip b/@v1.0.0.mod a/@v1.1.0.info b/@v1.0.0.info",
    warm: "@list tool/@list",
    lookups: "a@v1.1.0 b@v1.0.0 tool@v1.0.0",
  },
};
