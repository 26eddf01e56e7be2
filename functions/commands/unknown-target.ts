import { nearest } from '../config/problems.ts';
import { WatchdogError } from '../core/errors.ts';
import type { Ports, TargetList, TargetSource } from '../ports.ts';

/** Refuses ids that no document has, with the one that was most likely meant. A document that is wrong has an id as well. */
export async function mustKnow(ids: readonly string[], source: TargetSource, notDone: string): Promise<void> {
  if (ids.length > 0) refuseUnknown(ids, await source.load(), notDone);
}

/** For what a person may have to do while the list cannot be read, such as a pause: a target that is remembered is known. */
export async function mustKnowOrRemember(
  id: string,
  { targets, state }: Pick<Ports, 'targets' | 'state'>,
  notDone: string,
): Promise<void> {
  try {
    await mustKnow([id], targets, notDone);
  } catch (error) {
    const isUnread = error instanceof WatchdogError && error.explained.code === 'WD_TARGETS_UNREADABLE';
    if (!isUnread || (await state.load(id)) === null) throw error;
  }
}

export function refuseUnknown(
  ids: readonly string[],
  { targets, bad }: Pick<TargetList, 'targets' | 'bad'>,
  notDone: string,
): void {
  const known = targets.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id) && !bad.some((one) => one.id === id));
  if (unknown.length === 0) return;
  throw new WatchdogError({
    code: 'WD_TARGET_UNKNOWN',
    what: `there is no target ${namedWithMeant(unknown, known)}; known are ${shortList(known)}`,
    notDone,
    run: 'Run `scheduler-watchdog targets list` to see them.',
  });
}

/** Each name that nobody has, with the one that was most likely meant. */
export function namedWithMeant(unknown: readonly string[], known: readonly string[]): string {
  const named = unknown.map((name) => {
    // Of one or two letters everything is near.
    const meant = name.length < 3 ? null : nearest(name, known);
    return meant === null ? `"${name}"` : `"${name}" (did you mean ${meant}?)`;
  });
  return named.join(', ');
}

const SHOWN = 20;

function shortList(ids: readonly string[]): string {
  if (ids.length === 0) return 'none';
  const more = ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : '';
  return `${ids.slice(0, SHOWN).join(', ')}${more}`;
}
