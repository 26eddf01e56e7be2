import type { Register } from './context.ts';
import { examples, sayOptions, stateOptions, targetOption } from './options.ts';
import { type TickOptions, withPorts } from './tick.ts';

interface CheckOptions extends TickOptions {
  readonly act?: boolean;
  readonly target: readonly string[];
}

export const registerCheck: Register = (command, { done }) => {
  command.option(
    '--act',
    "remove what should be removed, as each target's mode says; save state and send alerts",
  );
  sayOptions(targetOption(stateOptions(command))).option(
    '--verbose',
    'say what is going on while it goes on',
  );
  examples(command, ['check', 'check --target prod-airflow --json', 'check --act --state dynamodb:watchdog']);
  command.action(async (options: CheckOptions) => {
    const { check } = await import('../commands/check.ts');
    const act = options.act === true;
    done(
      await withPorts(options, !act, (ports, output) => check({ act, only: options.target }, ports, output)),
    );
  });
};
