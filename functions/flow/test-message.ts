import { NOTHING, type Notification } from '../core/notification.ts';
import type { EpochMs } from '../core/time.ts';

/** A message that nobody can take for an alert; a note never pages. */
export function testMessage(channel: string, now: EpochMs): Notification {
  const incident = `doctor-${channel}-${now}`;
  return {
    id: `${incident}/1`,
    incident,
    target: 'scheduler-watchdog',
    at: now,
    kind: 'note',
    page: incident,
    endsPage: null,
    severity: 'info',
    title: `TEST: scheduler-watchdog can send to "${channel}"`,
    text: 'Nothing is wrong. Somebody ran `scheduler-watchdog channels test` or `scheduler-watchdog doctor --send`.',
    fields: [],
    about: NOTHING,
    links: [],
  };
}
