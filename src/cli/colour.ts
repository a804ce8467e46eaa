import { styleText } from "node:util";
import type { Output } from "./cli-context.ts";

/** Value of --color. */
export type ColourChoice = "auto" | "always" | "never";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Gives the text in a style, or as it is where the stream takes no colour. */
export type Paint = (style: Style, text: string) => string;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether a stream gets colour: --color decides, else FORCE_COLOR (`0` and `false` say no), else NO_COLOR, else
 * TERM=dumb, else whether it is a terminal. https://no-color.org, https://force-color.org
 */
export function wantsColour(output: Pick<Output, "isTTY">, env: Environment, choice: ColourChoice = "auto"): boolean {
  if (choice !== "auto") return choice === "always";
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  if (env.NO_COLOR || env.TERM === "dumb") return false;
  return output.isTTY;
}

/** The paint for one stream; standard output and standard error each have their own. */
export function paintFor(output: Pick<Output, "isTTY">, env: Environment, choice: ColourChoice = "auto"): Paint {
  if (!wantsColour(output, env, choice)) return (_, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
