import type { Register } from './context.ts';
import { examples, type StateOptions, sayOptions, stateOptions, targetOption } from './options.ts';
import { terminalOf } from './terminal.ts';

interface DoctorOptions extends StateOptions {
  readonly target: readonly string[];
  readonly send?: boolean;
  readonly function?: string;
}

export const registerDoctor: Register = (command, { done }) => {
  command
    .option('--send', 'send a message marked TEST to each channel')
    .option('--function <name>', 'let the deployed function examine itself, from where it runs');
  sayOptions(targetOption(stateOptions(command)));
  examples(command, [
    'doctor',
    'doctor --target prod-airflow --send',
    'doctor --function scheduler-watchdog-prod-check --json',
  ]);
  command.action(async (options: DoctorOptions) => {
    done(options.function === undefined ? await here(options) : await there(options, options.function));
  });
};

async function here(options: DoctorOptions): Promise<number> {
  const [{ doctor }, { readSettings }, { withExaminers }] = await Promise.all([
    import('../commands/doctor.ts'),
    import('../wiring/settings.ts'),
    import('../wiring/examiners.ts'),
  ]);
  const output = terminalOf(options);
  const wanted = { only: options.target, send: options.send === true };
  return withExaminers(readSettings(options), {}, (ports, examiners) =>
    doctor(wanted, ports, examiners, output),
  );
}

async function there(options: DoctorOptions, name: string): Promise<number> {
  const [{ printAnswer }, { askFunction }] = await Promise.all([
    import('../commands/doctor-answer.ts'),
    import('../wiring/function.ts'),
  ]);
  const event = { doctor: true, only: options.target, send: options.send === true };
  return printAnswer(await askFunction(name, event), terminalOf(options));
}
