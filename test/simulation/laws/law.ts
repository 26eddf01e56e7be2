import type { EpochMs } from '../../../functions/core/time.ts';
import type { Tally } from '../tally.ts';
import type { Hearing, SimTarget, World } from '../world/model.ts';

/** A sentence that must stay true, and what it listens to. */
export interface Law {
  readonly name: string;
  readonly watch: (world: World, broken: Broken, tally: Tally) => Partial<Hearing>;
}

/** Called by a law that was broken; null where no one target is meant. */
export type Broken = (target: SimTarget | null, what: string) => void;

export interface Break {
  readonly law: string;
  readonly at: EpochMs;
  readonly target: number | null;
  readonly what: string;
  /** Kinds of the episodes under way there. */
  readonly during: readonly string[];
}
