import type { Notification, OutboxEntry } from './notification.ts';
import { LIMITS } from './policy.ts';
import { type DurationMs, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';

/** One row per channel: a Slack outage must not page PagerDuty twice. */
export function enqueue(
  outbox: readonly OutboxEntry[],
  notification: Notification,
  channels: readonly string[],
  now: EpochMs,
): readonly OutboxEntry[] {
  const known = new Set(outbox.map(keyOf));
  const added = channels
    .map(
      (channel): OutboxEntry => ({
        channel,
        notification,
        attempts: 0,
        nextTryAt: now,
        lastDetail: null,
        refused: false,
      }),
    )
    .filter((entry) => !known.has(keyOf(entry)));
  return bounded([...outbox, ...added]);
}

/** When it is full, updates go first: what opens and ends a page must arrive. */
function bounded(outbox: readonly OutboxEntry[]): readonly OutboxEntry[] {
  let surplus = outbox.length - LIMITS.outboxKept;
  if (surplus <= 0) return outbox;
  const kept = outbox.filter(({ notification }) => {
    const goes = surplus > 0 && (notification.kind === 'updated' || notification.kind === 'note');
    if (goes) surplus -= 1;
    return !goes;
  });
  return kept.slice(-LIMITS.outboxKept);
}

export function keyOf(entry: OutboxEntry): string {
  return `${entry.channel} ${entry.notification.id}`;
}

/**
 * The entries to send now, in order. Per channel and incident only the first one is due: a resolve that overtakes its trigger would be
 * dropped. One that was refused does not hold up what comes after it: repeated unchanged it may never be taken.
 */
export function dueOf(outbox: readonly OutboxEntry[], now: EpochMs): readonly OutboxEntry[] {
  const waiting = new Set<string>();
  return outbox.filter((entry) => {
    const lane = laneOf(entry);
    const isFirst = !waiting.has(lane);
    const isTimely = entry.nextTryAt <= now;
    // Two of one lane at once would arrive in any order.
    if (!entry.refused || isTimely) waiting.add(lane);
    return isFirst && isTimely;
  });
}

const laneOf = ({ channel, notification }: OutboxEntry): string => `${channel} ${notification.incident}`;

/** What was refused is history once its channel has taken something newer of the same story: sent later it would reopen it. */
export function dropSuperseded(
  outbox: readonly OutboxEntry[],
  delivered: readonly OutboxEntry[],
): readonly OutboxEntry[] {
  if (delivered.length === 0) return outbox;
  const newest = new Map(delivered.map((entry) => [laneOf(entry), entry.notification.at]));
  return outbox.filter(
    (entry) =>
      !entry.refused || entry.notification.at > (newest.get(laneOf(entry)) ?? Number.NEGATIVE_INFINITY),
  );
}

/** Doubles from what the channel asked for, up to a quarter of an hour. */
export function retryAt(entry: OutboxEntry, afterMs: DurationMs, now: EpochMs): EpochMs {
  return now + Math.max(afterMs, Math.min(15 * MINUTE_MS, 5 * SECOND_MS * 2 ** entry.attempts));
}

/** After a day an alert is history; it leaves the outbox and stays in the ledger. */
export const GIVE_UP_AFTER_MS: DurationMs = 24 * HOUR_MS;

export const REFUSED_RETRY_MS: DurationMs = 15 * MINUTE_MS;

/** Whether the others are to hear that this channel does not get it: when it refuses, and when it is silent for long. Once a story. */
export function isUndelivered(
  entry: OutboxEntry,
  refused: boolean,
  waiting: readonly OutboxEntry[],
  now: EpochMs,
): boolean {
  const { notification } = entry;
  // A refused note breeds no further note: two channels that refuse would fill the outbox with each other's.
  if (notification.kind === 'note' || notification.occasion === 'refresh') return false;
  if (!refused && now - notification.at < LIMITS.undeliveredToldMs) return false;
  return !waiting.some((other) => other.overdue === true && laneOf(other) === laneOf(entry));
}

/** What the other channels are told when one does not take an alert; it never pages and never breeds more of its kind. */
export function channelBroken(
  entry: OutboxEntry,
  how: 'refuses alerts' | 'does not get alerts',
  detail: string,
  now: EpochMs,
): { readonly channel: string; readonly notification: Notification } {
  const { notification, channel } = entry;
  return {
    channel,
    notification: {
      id: `${notification.id}/${channel}-${how === 'refuses alerts' ? 'refused' : 'silent'}`,
      incident: `${notification.incident}-${channel}`,
      page: `${notification.incident}-${channel}`,
      endsPage: null,
      target: notification.target,
      at: now,
      kind: 'note',
      severity: 'warning',
      title: `channel "${channel}" ${how}`.slice(0, 150),
      text: `${detail.replace(/\.?$/, '.')} Not delivered there: "${notification.title}". It is tried again for a day.`.slice(
        0,
        600,
      ),
      fields: [],
      about: notification.about,
      links: [],
    },
  };
}
