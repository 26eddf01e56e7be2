import type { Command } from 'commander';

/** What every verb gets besides the words that were typed. */
export interface VerbContext {
  /** Takes the exit code of the verb. */
  readonly done: (code: number) => void;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
}

/** Adds one verb. Its file loads nothing heavy: what a verb needs comes in when it is run, so that help is quick. */
export type Register = (program: Command, context: VerbContext) => void;
