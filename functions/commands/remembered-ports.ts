import type { Clock, StateStore, TargetSource } from '../ports.ts';

/** What a verb has that speaks of the state of a watchdog, and makes none. */
export interface RememberedPorts {
  readonly state: StateStore;
  readonly targets: TargetSource;
  readonly clock: Pick<Clock, 'now'>;
  /** Where the state is, as --state would name it. */
  readonly place: string;
}

/** More kept looks than 30 days of one target can hold. */
export const ALL_LOOKS = 50_000;
