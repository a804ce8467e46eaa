import { Problem } from "../kernel/problem.ts";
import type { CommandSpec } from "./define-command.ts";

/** `modgate completion SHELL`: the script that a shell loads to complete command lines. */
export const completionCommand: CommandSpec = {
  usage: "completion <shell>",
  summary: "Print the completion script of bash, zsh or fish",
  examples: [
    "source <(modgate completion bash)",
    "source <(modgate completion zsh)",
    "modgate completion fish > ~/.config/fish/completions/modgate.fish",
  ],
  details:
    "The first line belongs into ~/.bashrc, the second into ~/.zshrc behind compinit.\n" +
    "Where modgate knows no word, names of files are completed.",
  run({ args }) {
    const shell = shells.find((known) => known === args[0]);
    if (shell === undefined) {
      throw new Problem("USAGE", `There is no completion for "${String(args[0])}"`, {
        hint: `name one of ${shells.join(", ")}: modgate completion bash`,
      });
    }
    const script = scripts[shell];
    return Promise.resolve({ data: { shell, script }, exitCode: 0, text: () => script });
  },
};

const shells = ["bash", "zsh", "fish"] as const;

// The shell asks `modgate complete -- WORDS`, which prints a word a line, and evaluates nothing of the command line.
const scripts = {
  bash: `# bash completion for modgate
_modgate() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(modgate complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _modgate modgate
`,
  zsh: `#compdef modgate
# zsh completion for modgate
_modgate() {
  local line
  local -a described
  while IFS= read -r line; do
    [[ $line == :* ]] || described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(modgate complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $#described )); then _describe modgate described; else _files; fi
}
if [[ $funcstack[1] == _modgate ]]; then _modgate; else compdef _modgate modgate; fi
`,
  fish: `# fish completion for modgate
function __modgate_complete
  set -l words (commandline -opc) (commandline -ct)
  modgate complete -- $words[2..-1] 2>/dev/null | string match --invert ':*'
end
complete -c modgate -a '(__modgate_complete)'
`,
} as const;
