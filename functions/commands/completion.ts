/** What can be typed: a command, its options, and what may come below it. */
export interface Typed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly {
    readonly flag: string;
    readonly description: string;
    readonly choices: readonly string[];
  }[];
  readonly commands: readonly Typed[];
}

export type Shell = 'bash' | 'zsh' | 'fish';

/** A script that completes the command line; it asks nobody when it runs. */
export function completionFor(shell: Shell, program: Typed): string {
  switch (shell) {
    case 'bash':
      return bash(program);
    case 'zsh':
      // zsh runs the completions of bash.
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(program)}`;
    case 'fish':
      return fish(program);
  }
}

/** Every command with the words that lead to it: '', 'targets', 'targets list'. */
function paths(
  command: Typed,
  path: readonly string[] = [],
): readonly { readonly path: string; readonly command: Typed }[] {
  const below = command.commands.flatMap((one) => paths(one, [...path, one.name]));
  return [{ path: path.join(' '), command }, ...below];
}

function bash(program: Typed): string {
  const cases = paths(program).map(({ path, command }) => {
    const words = [...command.commands.map(({ name }) => name), ...command.options.map(({ flag }) => flag)];
    return `    '${path}') words='${words.join(' ')}' ;;`;
  });
  const known = paths(program).map(({ path }) => `'${path}'`);
  const chosen = paths(program).flatMap(({ path, command }) =>
    command.options.flatMap(({ flag, choices }) =>
      choices.length === 0 ? [] : [`    '${path} ${flag}') words='${choices.join(' ')}' ;;`],
    ),
  );
  return `_${ID}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
    ${known.slice(1).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$path $before" in
${[...chosen, "    *' --targets'|*' --out'|*' --state') words='' ;;"].join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${ID} ${NAME}
`;
}

function fish(program: Typed): string {
  const lines = paths(program).flatMap(({ path, command }) => {
    const words = path.split(' ').filter((word) => word !== '');
    const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const names = command.commands.map(({ name }) => name);
    const unseen = names.length === 0 ? [] : [`not __fish_seen_subcommand_from ${names.join(' ')}`];
    const where = (parts: readonly string[]) => (parts.length === 0 ? '' : ` -n '${parts.join('; and ')}'`);
    return [
      ...command.commands.map(
        ({ name, description }) =>
          `complete -c ${NAME} -f${where([...seen, ...unseen])} -a ${name} -d ${quoted(description)}`,
      ),
      ...command.options.map(({ flag, description, choices }) => {
        const values = choices.length === 0 ? '' : ` -x -a ${quoted(choices.join(' '))}`;
        return `complete -c ${NAME}${where([...seen, ...unseen])} -l ${flag.replace(/^--/, '')}${values} -d ${quoted(description)}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}

const NAME = 'scheduler-watchdog';
const ID = 'scheduler_watchdog';

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
