import { SECOND_MS } from '../../../functions/core/time.ts';
import { hinder, release, wedge } from '../world/hinder.ts';
import type { DatabaseMode, SimTarget, World } from '../world/model.ts';
import { tell } from '../world/tell.ts';
import { type EpisodeKind, living, type Stage } from './stage.ts';

/** Nobody can write any more. Returns the end: each process needs its own time to go on. */
export function outage(mode: DatabaseMode, restarts: boolean) {
  return (stage: Stage): (() => void) | null => {
    const { world, target, random } = stage;
    const { database } = target;
    if (database.mode !== 'up') return null;
    const beganAt = world.loop.now();
    database.mode = mode;
    for (const pod of target.pods) hinder(world, target, pod, 'database');
    tell(world, target, `the database is ${mode}`);
    return () => {
      const now = world.loop.now();
      database.mode = 'up';
      database.writableSince = now;
      if (restarts) database.startedAt = now - random.between(0, 2) * SECOND_MS;
      comeBack(world, target, () => random.between(1, 15) * SECOND_MS);
      tell(world, target, `the database is back after ${Math.round((now - beganAt) / SECOND_MS)} s`);
      // Some processes do not survive the loss of their database, though they go on running.
      const [pod] = living(target, 'scheduler');
      if (mode !== 'down' || pod === undefined || pod.wedge !== null || !random.chance(0.1)) return;
      wedge(world, target, pod, 'quiet');
      tell(world, target, `${pod.name} (${pod.uid}) wedges: a zombie of the outage`);
    };
  };
}

function comeBack(world: World, target: SimTarget, afterMs: () => number): void {
  for (const pod of target.pods) release(world, target, pod, 'database', afterMs());
}

/** A stranger's transaction holds rows that every loop needs. Reads notice nothing. */
function strangerLocks({ world, target, random }: Stage): (() => void) | null {
  const { database } = target;
  if (database.stranger !== null || target.pods.some((pod) => pod.wedge?.kind === 'holding')) return null;
  database.stranger = { since: world.loop.now() };
  for (const pod of target.pods)
    if (pod.component === 'scheduler' && pod.container === 'running') hinder(world, target, pod, 'locks');
  tell(world, target, "a stranger's session locks rows");
  return () => {
    database.stranger = null;
    for (const pod of target.pods) release(world, target, pod, 'locks', random.between(1, 8) * SECOND_MS);
    tell(world, target, "the stranger's session lets go");
  };
}

function lag({ target, random }: Stage): () => void {
  target.database.lagMs = random.spread(2, 200) * SECOND_MS;
  return () => {
    target.database.lagMs = 0;
  };
}

function slowness({ target }: Stage): (() => void) | null {
  const { database } = target;
  if (database.mode !== 'up') return null;
  database.mode = 'slow';
  return () => {
    database.mode = 'up';
  };
}

function denial(what: 'progress' | 'all') {
  return ({ world, target }: Stage): (() => void) => {
    target.database.denied = what;
    target.unsettled = true;
    tell(world, target, `a grant is missing: ${what}`);
    return () => {
      target.database.denied = 'none';
      target.unsettled = true;
    };
  };
}

export const DATABASES: readonly EpisodeKind[] = [
  { kind: 'database-restart', weight: 4, scope: 'target', lasts: [0.1, 1.5], begin: outage('down', true) },
  { kind: 'database-outage', weight: 3, scope: 'target', lasts: [1, 60], begin: outage('down', true) },
  { kind: 'database-freeze', weight: 4, scope: 'target', lasts: [0.2, 0.95], begin: outage('frozen', false) },
  {
    kind: 'database-long-freeze',
    weight: 2,
    scope: 'target',
    lasts: [1, 30],
    begin: outage('frozen', false),
  },
  { kind: 'tables-locked', weight: 3, scope: 'target', lasts: [0.2, 20], begin: outage('locked', false) },
  {
    kind: 'database-read-only',
    weight: 2,
    scope: 'target',
    lasts: [0.5, 30],
    begin: outage('read-only', false),
  },
  { kind: 'stranger-locks-rows', weight: 3, scope: 'target', lasts: [0.5, 40], begin: strangerLocks },
  { kind: 'replica-lags', weight: 2, scope: 'target', lasts: [2, 120], begin: lag },
  { kind: 'database-slow', weight: 2, scope: 'target', lasts: [1, 60], begin: slowness },
  { kind: 'progress-denied', weight: 1, scope: 'target', lasts: [10, 300], begin: denial('progress') },
  { kind: 'database-denied', weight: 1, scope: 'target', lasts: [10, 300], begin: denial('all') },
];
