import { confirmerOf } from './ask.ts';
import type { Register } from './context.ts';
import { examples, type SayOptions, sayOptions } from './options.ts';
import { terminalOf } from './terminal.ts';

export const registerDemo: Register = (command, { done, signal }) => {
  command
    .option('--real', 'the same story on the end-to-end rig: real Kubernetes, real Airflow; asks first')
    .option('--yes', 'with --real: do not ask');
  sayOptions(command);
  examples(command, ['demo', 'demo --json']);
  command.action(async (options: SayOptions & { readonly real?: boolean; readonly yes?: boolean }) => {
    const { runDemo } = await import('../demo/story.ts');
    const { json, write, note, adopt } = terminalOf(options);
    done(
      await runDemo({
        json,
        real: options.real === true,
        yes: options.yes === true,
        confirm: confirmerOf(options),
        color: options.color,
        // The demo paints its own lines.
        write: (line) => write(adopt(line)),
        note: (line) => note(adopt(line)),
        signal,
      }),
    );
  });
};
