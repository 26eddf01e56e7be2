import { WatchdogError } from '../core/errors.ts';
import { inForce } from '../core/state.ts';
import { isoOf } from '../core/time.ts';
import { loadTarget } from '../flow/saved-state.ts';
import type { Clock, StateStore } from '../ports.ts';

/** The state of the running watchdog, or why there is none to read. */
export type PausesFrom =
  | { readonly kind: 'state'; readonly state: StateStore; readonly clock: Pick<Clock, 'now'> }
  | { readonly kind: 'none'; readonly why: string };

export type Pauses =
  | { readonly kind: 'known'; readonly of: ReadonlyMap<string, PauseLine | null> }
  | { readonly kind: 'unknown'; readonly why: string };

interface PauseLine {
  readonly by: string;
  readonly reason: string;
  readonly until: string;
}

/** Who holds which target. A state that cannot be read is no reason to show nothing else, and never looks like "not paused". */
export async function pausesOf(ids: readonly string[], from: PausesFrom): Promise<Pauses> {
  if (from.kind === 'none') return { kind: 'unknown', why: from.why };
  const { state, clock } = from;
  try {
    const now = clock.now();
    const found = ids.map(async (id) => {
      const held = inForce((await loadTarget(state, id)).state.pause, now);
      return [id, held && { by: held.by, reason: held.reason, until: isoOf(held.until) }] as const;
    });
    return { kind: 'known', of: new Map(await Promise.all(found)) };
  } catch (error) {
    if (!(error instanceof WatchdogError)) throw error;
    return { kind: 'unknown', why: error.explained.what };
  }
}
