import * as z from "zod";
import { settingList } from "./settings.ts";
import { wrong } from "./values.ts";

/** The strict schema of a configuration file: every setting at its place, all of them optional. */
export function fileSchema(): z.ZodType {
  const top: Record<string, z.ZodType> = {};
  const groups = new Map<string, Record<string, z.ZodType>>();
  for (const setting of settingList) {
    const [first = "", second] = setting.key.split(".");
    const documented = setting.schema
      .meta({
        description: setting.doc,
        ...(setting.default === null ? {} : { default: setting.default }),
        examples: [setting.example],
      })
      .optional();
    if (second === undefined) {
      top[first] = documented;
      continue;
    }
    const group = groups.get(first) ?? {};
    group[second] = documented;
    groups.set(first, group);
    // Holds the group's place in the table's order.
    top[first] ??= documented;
  }
  for (const [name, shape] of groups) {
    top[name] = z.strictObject(shape, { error: wrong(`a map with ${Object.keys(shape).join(", ")}`) }).optional();
  }
  return z.strictObject(top, { error: wrong("a map of settings, such as listen: [127.0.0.1:8080]") });
}

/** A node of a JSON Schema, as far as it is read here. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
}

/** The JSON Schema (draft 7, which editors read) of the file: what modgate.schema.json holds. */
export function configJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(fileSchema(), {
    io: "input",
    target: "draft-7",
    override({ zodSchema, jsonSchema }) {
      // zod leaves these out where a text is read into something else, and editors want the text.
      const { default: standard, examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (standard !== undefined) Object.assign(jsonSchema, { default: standard });
      if (examples !== undefined) Object.assign(jsonSchema, { examples });
    },
  });
  return { $schema, title: "modgate.yaml", ...schema } as JsonSchema;
}

/** The schema of what stands at a path; null where nothing may. List positions may be any number. */
export function schemaAt(schema: JsonSchema, path: readonly (string | number)[]): JsonSchema | null {
  let node: JsonSchema | undefined = schema;
  for (const key of path) {
    const open: JsonSchema | boolean | undefined = node.additionalProperties;
    if (typeof key === "number") node = node.items;
    else node = node.properties?.[key] ?? (typeof open === "object" ? open : undefined);
    if (node === undefined) return null;
  }
  return node;
}
