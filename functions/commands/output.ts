import { type Explained, WatchdogError } from '../core/errors.ts';

/** Where a command may write. `write` is stdout, `note` stderr; both take one line without its end. */
export interface Output {
  readonly write: (line: string) => void;
  readonly note: (line: string) => void;
  readonly json: boolean;
  readonly style: (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;
}

/** One result: a JSON line for machines, or the given lines for people. */
export function emit(output: Output, value: unknown, lines: readonly string[]): void {
  if (output.json) output.write(JSON.stringify(value));
  else for (const line of lines) output.write(line);
}

/** What nobody explained is a defect of ours. */
export function explainedOf(error: unknown, notDone: string): Explained {
  if (error instanceof WatchdogError) return error.explained;
  const what = Error.isError(error) ? (error.stack ?? error.message) : String(error);
  return { code: 'WD_INTERNAL', what, notDone, run: 'Please report it with the output of --version.' };
}

export function emitError(output: Output, { code, what, notDone, run }: Explained): void {
  if (output.json) output.write(JSON.stringify({ error: { code, what, notDone, run } }));
  output.note(`${output.style('red', code)}: ${what}; ${notDone}.`);
  output.note(run);
}
