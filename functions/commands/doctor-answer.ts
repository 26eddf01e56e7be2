import type { Line } from '../core/check-up.ts';
import { WatchdogError } from '../core/errors.ts';
import { printLines, summarize } from './doctor.ts';
import type { Output } from './output.ts';

/** Prints what a deployed function has found out about itself, as if it had been found here. */
export function printAnswer(answer: unknown, output: Output): number {
  const lines = (answer as { readonly doctor?: readonly Line[] } | null)?.doctor;
  if (!Array.isArray(lines))
    throw new WatchdogError({
      code: 'WD_FUNCTION',
      what: 'the function answered something else than lines of a doctor',
      notDone: 'nothing was examined',
      run: 'Is it this project, and of this version? Deploy it anew.',
    });
  for (const some of Map.groupBy(lines as readonly Line[], ({ target }) => target).values())
    printLines(some, output);
  return summarize(lines, output);
}
