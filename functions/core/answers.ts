import { describeAcknowledgement } from './acknowledgement.ts';
import { storyNow } from './flapping.ts';
import type { Notification } from './notification.ts';
import { describePause } from './pause-field.ts';
import type { RoutingMemory } from './routing-memory.ts';
import { type Routable, takenUp } from './routing-rules.ts';
import { inForce } from './state.ts';
import type { EpochMs } from './time.ts';

/** A pause that a person sets while an incident is open is their answer to it. */
export function answerOf(state: Routable, memory: RoutingMemory, now: EpochMs) {
  const { pause, incident } = state;
  const story = storyNow(memory, incident);
  const known = pause != null && inForce(pause, now) !== null ? `${pause.by} ${pause.until}` : null;
  const isNew = known !== null && known !== memory.answer && memory.last !== null && incident !== null;
  if (!isNew || pause == null || memory.last === null || story === null) return { known, notification: null };
  const notification: Notification = {
    ...memory.last,
    id: `${story}/answer-${pause.until}`,
    at: now,
    kind: 'updated',
    occasion: 'answered',
    endsPage: null,
    title: `${memory.last.target}: ${pause.by} has taken it up`.slice(0, 150),
    text: `Removals are paused ${describePause(pause)}`.slice(0, 600),
  };
  return { known, notification };
}

/** A person has taken up the page that is open: said once, to everybody who heard of it. */
export function acknowledgedOf(state: Routable, now: EpochMs) {
  const { routing, incident } = state;
  const { last, acknowledged = null } = routing;
  const acknowledgement = takenUp(state);
  const known = acknowledgement?.page ?? null;
  const story = storyNow(routing, incident);
  if (acknowledgement === null || known === acknowledged || last === null || story === null)
    return { known, notification: null };
  const notification: Notification = {
    ...last,
    id: `${acknowledgement.page}/taken-up`,
    at: now,
    kind: 'updated',
    occasion: 'answered',
    endsPage: null,
    title: `${last.target}: ${acknowledgement.by} has taken it up`.slice(0, 150),
    text: `Taken up ${describeAcknowledgement(acknowledgement)}. No reminders and no escalation until it grows graver; removals go on as they were.`.slice(
      0,
      600,
    ),
  };
  return { known, notification };
}
