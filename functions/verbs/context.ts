import type { Command } from 'commander';

/** What every verb gets besides the words that were typed. */
export interface VerbContext {
  /** Takes the exit code of the verb. */
  readonly done: (code: number) => void;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
}

/** Options, examples and action of a command that has its name already. Its file loads nothing heavy: what a verb does comes in when it is run. */
export type Register = (command: Command, context: VerbContext) => void;
