import { Command } from 'commander';
import { addVerbs } from '../../functions/verbs/all.ts';

/** The command line with every option of every verb, none of which is ever run. */
export async function wholeProgram(): Promise<Command> {
  const program = new Command('scheduler-watchdog').version('0');
  await addVerbs(program, { done: () => {}, signal: AbortSignal.abort() }, () => true);
  return program;
}
