import { existsSync } from 'node:fs';
import { createClock } from '../adapters/local/clock.ts';
import { createMemoryState } from '../adapters/local/memory-state.ts';
import { WatchdogError } from '../core/errors.ts';
import type { Clock, StateStore, TargetSource } from '../ports.ts';
import type { Aws } from './aws.ts';
import { type Lazy, lazy } from './lazy.ts';
import { placeOfState, type Settings, type StateRef } from './settings.ts';
import { openTargets, withTargets } from './targets.ts';

/** `look`: leaves no trace, not even an empty file. `existing`: the state of a watchdog that runs elsewhere, which is never
 *  made here. `create`: our own. */
export type StateUse = 'look' | 'existing' | 'create';

export async function openState(
  ref: StateRef | null,
  use: StateUse,
  { clock, aws }: { readonly clock: Clock; readonly aws: Lazy<Aws> },
): Promise<StateStore> {
  if (ref === null) {
    if (use === 'look') return createMemoryState();
    throw unnamed();
  }
  if (ref.kind === 'dynamodb') return (await aws()).state(ref.table);
  if (use === 'existing' && (ref.kind === 'memory' || !existsSync(ref.path))) throw absent(ref);
  if (ref.kind === 'memory' || (use === 'look' && !existsSync(ref.path))) return createMemoryState();
  const { openSqliteState } = await import('../adapters/local/sqlite-state.ts');
  return openSqliteState(ref.path, { clock, mustExist: use === 'existing' });
}

/** What commands about the past and about pauses need: the state of the running watchdog, and the names of its targets. */
export interface Remembered {
  readonly state: StateStore;
  /** Where it is, as --state would name it. */
  readonly place: string;
  readonly targets: TargetSource;
  readonly clock: Clock;
}

export async function withState<T>(
  settings: Pick<Settings, 'targets' | 'state' | 'channelHosts'>,
  work: (remembered: Remembered) => Promise<T>,
): Promise<T> {
  const clock = createClock();
  const aws = lazy(async () => (await import('./aws.ts')).createAws(clock));
  try {
    const state = await openState(settings.state, 'existing', { clock, aws });
    try {
      const place = settings.state === null ? '' : placeOfState(settings.state);
      return await work({
        state,
        place,
        clock,
        targets: await openTargets(settings, { clock, state: null, aws }),
      });
    } finally {
      await state.close();
    }
  } finally {
    await aws.made()?.close();
  }
}

/** The documents with the state beside them, for commands that do without it where it is not there. */
export async function withDocuments<T>(
  settings: Pick<Settings, 'targets' | 'state' | 'channelHosts'>,
  work: (source: TargetSource, remembered: Remembered | WatchdogError) => Promise<T>,
): Promise<T> {
  try {
    return await withState(settings, (remembered) => work(remembered.targets, remembered));
  } catch (error) {
    if (!(error instanceof WatchdogError) || !error.explained.code.startsWith('WD_STATE')) throw error;
    return withTargets(settings, (source) => work(source, error));
  }
}

function absent(ref: StateRef): WatchdogError {
  const isMemory = ref.kind === 'memory';
  return new WatchdogError({
    code: 'WD_STATE_ABSENT',
    what: isMemory
      ? 'the state memory: ends with the command that made it, so there is nothing to read or change'
      : `there is no state at ${placeOfState(ref)}`,
    notDone: 'nothing was read or changed, and no state was made',
    run: 'Name the state of the running watchdog: the same `--targets`, `--state` or WATCHDOG_STATE as there. `scheduler-watchdog watch` makes one with its first tick.',
  });
}

function unnamed(): WatchdogError {
  return new WatchdogError({
    code: 'WD_STATE_ABSENT',
    what: 'no state is named, and beside targets in SSM there is none',
    notDone: 'nothing was looked at, read or changed',
    run: 'Name it with `--state dynamodb:TABLE` or WATCHDOG_STATE; the stack prints the name of its table.',
  });
}
