/**
 * `ringkey completion`: what a shell needs to complete our commands and options.
 */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { examples } from './examples.ts';

export function addCompletionCommand(program: Command, { output }: Context): void {
  program
    .command('completion')
    .description('print a script with which bash completes commands and options')
    .addHelpText('after', examples('source <(ringkey completion)'))
    .action(() => void output.write(completionScript(program)));
}

function completionScript(program: Command): string {
  const cases = program.commands.flatMap((group) => [
    `    ' ${group.name()}') words='${wordsOf(group, program)}' ;;`,
    ...group.commands.map(
      (command) => `    ' ${group.name()} ${command.name()}') words='${wordsOf(command, program)}' ;;`,
    ),
  ]);
  return `_ringkey() {
  local path='' words='${wordsOf(program, program)}' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path+=" $word" ;; esac
    [ "$(wc -w <<< "$path")" -eq 2 ] && break
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _ringkey ringkey
`;
}

/** What may stand after a command: the commands below it, its options, and those of the program. */
function wordsOf(command: Command, program: Command): string {
  const options = new Set([...command.options, ...program.options].map(({ long }) => long ?? ''));
  return [...command.commands.map((child) => child.name()), ...options, '--help'].join(' ');
}
