import { boundedField, type Field, type Notification } from './notification.ts';
import { inForce, type Pause } from './state.ts';
import { type EpochMs, isoOf } from './time.ts';

const NAME = 'Paused';
/** What a removal may still cost says nothing while none is made, and a message has ten fields at most. */
const GIVES_WAY = 'Budget';
/** The field goes before the first of these: behind what is the matter, before what to do about it. */
const AFTER_IT: readonly string[] = ['Done', 'Runbook'];

/** Names the pause that is in force at this moment, in every message of its target: also in one that is repeated or given late. */
export function withPause(notification: Notification, pause: Pause | null, now: EpochMs): Notification {
  const held = inForce(pause, now);
  if (held === null) return notification;
  const fields = notification.fields.filter(({ name }) => name !== GIVES_WAY);
  const at = fields.findIndex(({ name }) => AFTER_IT.includes(name));
  return { ...notification, fields: fields.toSpliced(at === -1 ? fields.length : at, 0, fieldOf(held)) };
}

const fieldOf = (held: Pause): Field => boundedField({ name: NAME, value: describePause(held) });

/** `by ann until 2026-11-25T02:00:00.000Z: node upgrade` */
export function describePause({ by, reason, until }: Pause): string {
  return `by ${by} until ${isoOf(until)}: ${reason}`;
}
