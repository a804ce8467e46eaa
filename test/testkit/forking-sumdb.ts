import type { ModuleTree } from "./module-tree.ts";
import { noteSigner } from "./signed-note.ts";
import { testSumdb, type TestSumdb } from "./sumdb-server.ts";
import type { Responder } from "./upstream-server.ts";

/** A database that has signed two histories, and a server that shows the one that the test chooses. */
export interface ForkingSumdb {
  readonly name: string;
  readonly key: string;
  readonly one: TestSumdb;
  /** Another history of more records; the modules stand in it with the same hashes. */
  readonly other: TestSumdb;
  /** What is shown now, at the root of a server. */
  shown: Responder;
  readonly responder: Responder;
}

/** Both histories have the modules of the tree; their invented records differ from the 300th on. */
export function forkingSumdb(tree: ModuleTree): ForkingSumdb {
  const signer = noteSigner("localhost.localdev/sumdb");
  const one = testSumdb(tree, { signer, padTo: 400 });
  const other = testSumdb(tree, { signer, padTo: 500, otherFrom: 300 });
  const forking: ForkingSumdb = {
    name: one.name,
    key: one.key,
    one,
    other,
    shown: one.atRoot,
    responder: { answer: (path) => forking.shown.answer(path) },
  };
  return forking;
}
