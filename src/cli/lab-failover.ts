import { runFailoverLab } from "../lab/failover-lab.ts";
import { defineLab } from "./define-lab.ts";

/** `modgate lab failover`: after which failures go asks the next proxy. */
export const labFailoverCommand = defineLab({
  name: "failover",
  summary: "Run go with each failure of the first proxy, before , and |",
  examples: ["modgate lab failover", "modgate lab failover --all", "modgate lab failover --markdown > failover.md"],
  details:
    "A real `go mod download` with GOPROXY=A, A,B and A|B, where B is honest and A\n" +
    "answers a status, breaks off, sends a login page, a damaged zip or a bad\n" +
    "certificate, or refuses the connection: whether go stops at A or goes on to B.",
  runLab: runFailoverLab,
});
