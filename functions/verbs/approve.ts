import type { Register } from './context.ts';
import { examples, rememberedOptions, type StateOptions, sayOptions, who } from './options.ts';
import { withRemembered } from './remembered.ts';

interface ApproveOptions extends StateOptions {
  readonly pod: string;
}

export const registerApprove: Register = (command, { done }) => {
  command
    .argument('<target>')
    .requiredOption('--pod <pod>', 'name or uid of the pod that waits, as the alert has it');
  sayOptions(rememberedOptions(command));
  examples(command, [
    'approve prod-airflow --pod airflow-scheduler-6b7f9c-x2x4z',
    'approve prod-airflow --pod airflow-scheduler-0 --targets ssm:/scheduler-watchdog --state dynamodb:TABLE',
  ]);
  command.action(async (target: string, options: ApproveOptions) => {
    const { approve } = await import('../commands/approve.ts');
    const ask = { target, pod: options.pod, by: who() };
    done(await withRemembered(options, (remembered, output) => approve(ask, remembered, output)));
  });
};
