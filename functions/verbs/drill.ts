import type { Register } from './context.ts';
import { examples, type StateOptions, sayOptions, stateOptions, who } from './options.ts';
import { withPorts } from './tick.ts';

interface DrillOptions extends StateOptions {
  readonly send: boolean;
}

export const registerDrill: Register = (command, { done }) => {
  command.argument('<target>', 'id of the target').option('--no-send', 'send no messages');
  sayOptions(stateOptions(command));
  examples(command, ['drill prod-airflow', 'drill prod-airflow --no-send --json']);
  command.action(async (target: string, options: DrillOptions) => {
    const { drill } = await import('../commands/drill.ts');
    done(
      await withPorts(options, false, (ports, output) =>
        drill({ target, by: who(), send: options.send }, ports, output),
      ),
    );
  });
};
