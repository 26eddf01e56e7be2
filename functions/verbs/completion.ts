import { Argument, type Command } from 'commander';
import type { Typed } from '../commands/completion.ts';
import type { Register } from './context.ts';
import { examples } from './options.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const registerCompletion: Register = (command, { done }) => {
  command.addArgument(new Argument('<shell>').choices(SHELLS));
  examples(command, [
    'completion bash > ~/.local/share/bash-completion/completions/scheduler-watchdog',
    'completion fish > ~/.config/fish/completions/scheduler-watchdog.fish',
  ]);
  command.action(async (shell: (typeof SHELLS)[number]) => {
    const { completionFor } = await import('../commands/completion.ts');
    process.stdout.write(completionFor(shell, typedOf(command.parent ?? command)));
    done(0);
  });
};

function typedOf(command: Command): Typed {
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long, description, argChoices = [] }) =>
      long ? [{ flag: long, description, choices: argChoices }] : [],
    ),
    commands: command.commands.map(typedOf),
  };
}
