import type { FleetState, TargetState } from '../../functions/core/state.ts';
import type { StateStore } from '../../functions/ports.ts';
import type { Process } from './effects.ts';

/** What the store has seen; the documents themselves outlive every process. */
export interface Watched {
  largestBytes: number;
}

/** One process' view of a store: every call is an effect that can crash, and a save can be made to lose its race. */
export function watchedState(store: StateStore, watched: Watched, process: Process): StateStore {
  return {
    load: (key) => process.effect('load', key, () => store.load(key)),
    save: (key, body, expectedVersion) =>
      process.effect('save', key, async (entry) => {
        const before = await store.load(key);
        if (process.losesRace()) {
          const other = before?.body ?? { schema: 2 };
          await store.save(key, other, before?.version ?? 0);
        }
        watched.largestBytes = Math.max(watched.largestBytes, JSON.stringify(body).length);
        const answer = await store.save(key, body, expectedVersion);
        entry.detail = `${whatChanged(before?.body as TargetState | undefined, body as TargetState | FleetState)}${answer === 'saved' ? '' : ' (conflict)'}`;
        return answer;
      }),
    append: (entry) => process.effect('append', entry.target, () => store.append(entry), entry.kind),
    history: (query) => store.history(query),
    close: () => store.close(),
  };
}

/** Names a save by what is new in it. */
function whatChanged(before: TargetState | undefined, after: TargetState | FleetState): string {
  if ('watched' in after) return after.removals.length > 0 ? 'reserve' : 'fleet';
  const openOf = (state: TargetState | undefined) =>
    (state?.remediations ?? []).filter(({ outcome }) => outcome === null).at(-1);
  const [was, is] = [openOf(before), openOf(after)];
  if (is !== undefined && is.answer === null && is.attempts !== (was?.attempts ?? 0)) return 'intent';
  if (before === undefined || after.lastTick !== before.lastTick) return 'tick';
  if (is?.answer != null && is.answer.kind !== was?.answer?.kind) return 'answer';
  return 'outbox';
}
