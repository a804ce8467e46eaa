/** A command with its environment. */
export interface PointedCommand {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The command as it asks `url` in place of `target`: wherever the target's URL stands in its words or in its
 * environment, whole or as the beginning of a longer one, and in MODGATE_TARGET, which is for scripts that want it.
 */
export function pointAt(command: PointedCommand, target: string, url: string): PointedCommand {
  const from = target.replace(/\/+$/, "");
  const to = url.replace(/\/+$/, "");
  // `http://a:80` must not be found in `http://a:8080`.
  const pattern = new RegExp(`${escapeRegExp(from)}(?![A-Za-z0-9.:-])`, "g");
  const turn = (text: string): string => text.replace(pattern, () => to);
  const environment = Object.entries(command.environment).map(([name, value]) => [name, turn(value)] as const);
  return {
    args: command.args.map(turn),
    environment: { ...Object.fromEntries(environment), MODGATE_TARGET: to },
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
