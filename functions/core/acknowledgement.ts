import { boundedField, type Field, type Notification } from './notification.ts';
import { type EpochMs, isoOf } from './time.ts';

/** A person has taken up what one page woke them for; removals go on as they were. */
export interface Acknowledgement {
  /** What the incident is known as in channels, ledger and reports. */
  readonly incident: string;
  /** One that grows critical pages anew, and asks a person anew. */
  readonly page: string;
  readonly by: string;
  readonly at: EpochMs;
}

/** It speaks of the page that is open now; one of an earlier page is history. */
export function stillMeant(
  acknowledgement: Acknowledgement | null,
  page: string | null,
): Acknowledgement | null {
  return acknowledgement !== null && acknowledgement.page === page ? acknowledgement : null;
}

const NAME = 'Taken up';
/** A message has ten fields at most; this one says what `Since` says in another way. */
const GIVES_WAY = 'For';
const FIELDS = 10;
const BEFORE: readonly string[] = ['Paused', 'Done', 'Runbook'];

/** Says in every message of the incident who has taken it up, and lets channels leave out the button for it. */
export function withAcknowledgement(
  notification: Notification,
  acknowledgement: Acknowledgement | null,
): Notification {
  if (acknowledgement === null) return notification;
  const { fields } = notification;
  const kept = fields.length < FIELDS ? fields : fields.filter(({ name }) => name !== GIVES_WAY);
  const at = kept.findIndex(({ name }) => BEFORE.includes(name));
  const shown = kept.toSpliced(at === -1 ? kept.length : at, 0, fieldOf(acknowledgement));
  return { ...notification, fields: shown, acknowledgedBy: acknowledgement.by };
}

const fieldOf = (one: Acknowledgement): Field =>
  boundedField({ name: NAME, value: describeAcknowledgement(one) });

/** `by ann at 2026-11-25T02:00:00.000Z` */
export const describeAcknowledgement = ({ by, at }: Acknowledgement): string => `by ${by} at ${isoOf(at)}`;
