import { type Acknowledgement, stillMeant } from '../core/acknowledgement.ts';
import { WatchdogError } from '../core/errors.ts';
import { pageNow, storyNow } from '../core/flapping.ts';
import type { TargetState } from '../core/state.ts';
import { isoOf } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { changeTarget } from './saved-state.ts';

export interface Acknowledged {
  readonly acknowledgement: Acknowledgement;
  /** Somebody had done so before, and stays named. */
  readonly isRepeated: boolean;
}

/**
 * Names who has taken up the open incident of a target; the next tick tells the channels. Who did so first stays named.
 * @param page the page that was answered; null: whichever is open. One that is open no more was about something else.
 */
export async function acknowledgeIncident(
  target: string,
  page: string | null,
  by: string,
  { state, clock }: Pick<Ports, 'clock' | 'state'>,
): Promise<Acknowledged> {
  const done: Acknowledged[] = [];
  await changeTarget(state, target, (now) => {
    const open = pageNow(now.routing, now.incident);
    const incident = storyNow(now.routing, now.incident);
    if (open === null || incident === null || (page !== null && page !== open))
      throw notOpen(target, now, page);
    const before = stillMeant(now.acknowledgement, open);
    const acknowledgement = before ?? { incident, page: open, by, at: clock.now() };
    done.push({ acknowledgement, isRepeated: before !== null });
    return before === null ? { ...now, acknowledgement } : now;
  });
  const acknowledged = done.at(-1);
  if (acknowledged === undefined) throw new Error('an acknowledgement was saved without having been made');
  const { acknowledgement, isRepeated } = acknowledged;
  if (!isRepeated) {
    const { incident, at } = acknowledgement;
    await state.append({ target, at, kind: 'acknowledgement', body: { by, incident } });
  }
  return acknowledged;
}

function notOpen(target: string, { incident, routing }: TargetState, page: string | null): WatchdogError {
  const open = storyNow(routing, incident);
  const what =
    open === null || incident === null
      ? `${target} has no open incident`
      : `what this message was about (${page}) is open no more, or has grown graver; open is ${open}: ${incident.headline}, since ${isoOf(incident.since)}`;
  return new WatchdogError({
    code: 'WD_NOT_OPEN',
    what,
    notDone: 'nothing was acknowledged',
    run: 'Run `scheduler-watchdog status` to see what is open.',
  });
}
