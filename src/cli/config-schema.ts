import { configJsonSchema } from "../config/file-schema.ts";
import type { CommandSpec } from "./define-command.ts";

/** `modgate config schema`: the JSON Schema of modgate.yaml. */
export const configSchemaCommand: CommandSpec = {
  usage: "schema",
  summary: "Print the JSON Schema of modgate.yaml, for editors",
  examples: ["modgate config schema > modgate.schema.json"],
  run() {
    const schema = configJsonSchema();
    return Promise.resolve({ data: schema, exitCode: 0, text: () => `${JSON.stringify(schema, null, 2)}\n` });
  },
};
