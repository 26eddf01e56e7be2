import type { TriggerGroup, TriggersFacts } from './companions.ts';
import type { JobRow } from './observation.ts';
import { LIMITS } from './policy.ts';
import type { Motion } from './progress.ts';
import { type DurationMs, formatDuration, SECOND_MS } from './time.ts';

/** Triggers that nobody takes up. */
interface Untaken {
  readonly triggers: number;
  readonly forSeconds: number;
}

/**
 * Triggers of nobody, or of a triggerer that beats no more: every living one with room takes them up within seconds. Those of a queue
 * or team of their own are not counted, since nobody may be there for them.
 */
export function untakenOf({ groups }: TriggersFacts, rows: readonly JobRow[]): Untaken | null {
  const found = groups.flatMap(({ jobId, waited, waitedForSeconds }): Untaken[] => {
    if (waited === 0 || waitedForSeconds === null) return [];
    const goneFor = goneForSeconds(jobId, rows);
    return goneFor === null ? [] : [{ triggers: waited, forSeconds: Math.min(waitedForSeconds, goneFor) }];
  });
  if (found.length === 0) return null;
  return {
    triggers: found.reduce((sum, { triggers }) => sum + triggers, 0),
    forSeconds: found.reduce((most, { forSeconds }) => Math.max(most, forSeconds), 0),
  };
}

/** How long ago their triggerer beat last; null while it lives. Whose row is older than all that are told has long been gone. */
function goneForSeconds(jobId: number | null, rows: readonly JobRow[]): number | null {
  const row = rows.find(({ id }) => id === jobId);
  if (jobId === null || row === undefined) return Number.POSITIVE_INFINITY;
  const isGone = row.state !== 'running' || row.heartbeatAgeSeconds * SECOND_MS > LIMITS.triggererGoneMs;
  return isGone ? row.heartbeatAgeSeconds : null;
}

/** Tasks that are deferred though the time they were given has run out: nobody has woken them. */
export function overdueOf({ groups }: TriggersFacts): Pick<TriggerGroup, 'overdue' | 'overdueForSeconds'> {
  return {
    overdue: groups.reduce((sum, { overdue }) => sum + overdue, 0),
    overdueForSeconds: groups.reduce<number | null>(
      (most, { overdueForSeconds }) =>
        overdueForSeconds === null ? most : Math.max(most ?? 0, overdueForSeconds),
      null,
    ),
  };
}

/** How many triggers one triggerer has taken. */
export function heldBy({ groups }: TriggersFacts, jobId: number): number {
  return groups.find((group) => group.jobId === jobId)?.triggers ?? 0;
}

/**
 * Whether one triggerer takes up what is there to be taken. How much it may take at once is its own setting, which nobody tells us: it
 * has room for certain when it has taken none, or once had more in this life.
 */
export function triggersMotion(
  facts: TriggersFacts,
  rows: readonly JobRow[],
  own: { readonly jobId: number; readonly most: number },
  limitMs: DurationMs,
): Motion {
  const held = heldBy(facts, own.jobId);
  const untaken = untakenOf(facts, rows);
  if (untaken === null && facts.groups.length === 0) return { kind: 'idle', why: 'no trigger is there' };
  const holds = `it holds ${held} trigger(s)`;
  if (untaken === null || untaken.forSeconds * SECOND_MS <= limitMs)
    return { kind: 'moving', decidedAgoSeconds: null, why: holds };
  const waits = untakenText(untaken);
  if (facts.isCut || (held > 0 && held >= own.most))
    return {
      kind: 'moving',
      decidedAgoSeconds: null,
      why: `${holds}; ${waits}, and whether it has room for more is not known`,
    };
  const room = held === 0 ? 'it holds none' : `${holds} and has held ${own.most}`;
  return { kind: 'waiting', forSeconds: untaken.forSeconds, why: `${waits}, and ${room}` };
}

export function untakenText({ triggers, forSeconds }: Untaken): string {
  return `${triggers} trigger(s) of deferred tasks are taken up by nobody for up to ${formatDuration(forSeconds * SECOND_MS)}`;
}
