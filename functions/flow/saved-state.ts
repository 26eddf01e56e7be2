import { WatchdogError } from '../core/errors.ts';
import { migrated } from '../core/migrate.ts';
import { NEW_PRESSED, type PressedState } from '../core/pressed.ts';
import {
  FLEET_KEY,
  type FleetState,
  NEW_FLEET,
  NEW_STATE,
  PRESSED_KEY,
  type TargetState,
} from '../core/state.ts';
import type { StateStore } from '../ports.ts';

export interface Versioned<S> {
  readonly version: number;
  readonly state: S;
}

/** The remembered state of one target, or a new one. */
export function loadTarget(store: StateStore, id: string): Promise<Versioned<TargetState>> {
  return loadAs(store, id, NEW_STATE);
}

export function loadFleet(store: StateStore): Promise<Versioned<FleetState>> {
  return loadAs(store, FLEET_KEY, NEW_FLEET);
}

async function loadAs<S extends { readonly schema: number }>(
  store: StateStore,
  key: string,
  empty: S,
): Promise<Versioned<S>> {
  const stored = await store.load(key);
  if (stored === null) return { version: 0, state: empty };
  const body = migrated(stored.body) as Partial<S> & { readonly schema?: unknown };
  if (body.schema !== empty.schema) {
    throw new WatchdogError({
      code: 'WD_STATE_NEWER',
      what: `the state of "${key}" has schema ${String(body.schema)}, this version knows ${empty.schema}`,
      notDone: 'it was neither used nor changed',
      run: 'Run the version that wrote it, or name another --state.',
    });
  }
  return { version: stored.version, state: { ...empty, ...body } };
}

const TRIES = 10;

/** Applies a change to whatever the document is now; for facts that must not be lost because another run saved first. */
async function change<S extends TargetState | FleetState | PressedState>(
  store: StateStore,
  load: () => Promise<Versioned<S>>,
  key: string,
  apply: (state: S) => S,
): Promise<Versioned<S>> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const { version, state } = await load();
    const changed = apply(state);
    if (changed === state) return { version, state };
    if ((await store.save(key, changed, version)) === 'saved')
      return { version: version + 1, state: changed };
  }
  throw new WatchdogError({
    code: 'WD_STATE_CONFLICT',
    what: `the state of "${key}" was changed by others ${TRIES} times in a row`,
    notDone: 'the last change was not saved',
    run: 'Look for a second watchdog on the same state, then run again.',
  });
}

export function changeTarget(store: StateStore, id: string, apply: (state: TargetState) => TargetState) {
  return change(store, () => loadTarget(store, id), id, apply);
}

export function changeFleet(store: StateStore, apply: (state: FleetState) => FleetState) {
  return change(store, () => loadFleet(store), FLEET_KEY, apply);
}

export function changePressed(store: StateStore, apply: (state: PressedState) => PressedState) {
  return change(store, () => loadAs(store, PRESSED_KEY, NEW_PRESSED), PRESSED_KEY, apply);
}
