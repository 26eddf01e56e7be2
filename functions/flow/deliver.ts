import type { OutboxEntry } from '../core/notification.ts';
import {
  channelBroken,
  dropSuperseded,
  dueOf,
  enqueue,
  GIVE_UP_AFTER_MS,
  keyOf,
  REFUSED_RETRY_MS,
  retryAt,
} from '../core/outbox.ts';
import type { EpochMs } from '../core/time.ts';
import type { Clock, Delivery, Notifier, Ports, Progress } from '../ports.ts';
import { changeFleet, changeTarget, loadFleet, loadTarget } from './saved-state.ts';

/** The outbox of one document, wherever it is kept. */
export interface OutboxAccess {
  readonly read: () => Promise<readonly OutboxEntry[]>;
  readonly change: (apply: (outbox: readonly OutboxEntry[]) => readonly OutboxEntry[]) => Promise<void>;
}

const ROUNDS = 5;

/** Sends what is due and keeps what failed; an entry leaves only after its channel said yes. Resolves to what is left. */
async function deliver(
  outbox: OutboxAccess,
  notifiers: ReadonlyMap<string, Notifier>,
  clock: Clock,
  progress: Progress,
): Promise<number> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const waiting = await outbox.read();
    const due = dueOf(waiting, clock.now());
    if (due.length === 0) return waiting.length;
    const tried = await Promise.allSettled(
      due.map(async (entry) => ({ entry, delivery: await send(entry, notifiers) })),
    );
    const results = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const { entry, delivery } of results) {
      if (delivery.kind === 'delivered') continue;
      const what = delivery.kind === 'later' ? 'will be tried again' : 'was refused';
      progress({
        target: entry.notification.target,
        text: `alert to ${entry.channel} ${what}: ${delivery.detail}`,
      });
    }
    const now = clock.now();
    const outcome = new Map(results.map(({ entry, delivery }) => [keyOf(entry), delivery]));
    const broken = results.flatMap(({ entry, delivery }) =>
      isNews(entry, delivery, waiting) ? [channelBroken(entry, delivery.detail, now)] : [],
    );
    await outbox.change((entries) => {
      const left: readonly OutboxEntry[] = entries.flatMap((entry) =>
        after(entry, outcome.get(keyOf(entry)), now),
      );
      const taken = due.filter((entry) => outcome.get(keyOf(entry))?.kind === 'delivered');
      // What one channel refuses, the others hear of: an undeliverable alert is an alert itself.
      return broken.reduce<readonly OutboxEntry[]>(
        (all, { notification, channel }) => {
          const others = [...notifiers.keys()].filter((name) => name !== channel);
          return enqueue(all, notification, others, now);
        },
        dropSuperseded(left, taken),
      );
    });
    // A notifier that breaks its promise is a defect, but what the others sent is marked first.
    const defect = tried.find((one) => one.status === 'rejected');
    if (defect !== undefined) throw defect.reason;
  }
  return (await outbox.read()).length;
}

/** A refused note breeds no further note: two channels that refuse would fill the outbox with each other's. */
function isNews(
  entry: OutboxEntry,
  delivery: Delivery,
  waiting: readonly OutboxEntry[],
): delivery is Delivery & { readonly kind: 'refused' } {
  if (delivery.kind !== 'refused' || entry.refused || entry.notification.kind === 'note') return false;
  const { incident } = entry.notification;
  return !waiting.some(
    (other) => other.refused && other.channel === entry.channel && other.notification.incident === incident,
  );
}

async function send(entry: OutboxEntry, notifiers: ReadonlyMap<string, Notifier>): Promise<Delivery> {
  const notifier = notifiers.get(entry.channel);
  // The channel may be missing because its document is broken right now; that must not lose the alert.
  if (notifier === undefined)
    return { kind: 'later', afterMs: 60_000, detail: `there is no channel "${entry.channel}"` };
  return notifier.send(entry.notification);
}

function after(entry: OutboxEntry, delivery: Delivery | undefined, now: EpochMs): readonly OutboxEntry[] {
  if (delivery === undefined) return [entry];
  if (delivery.kind === 'delivered' || now - entry.notification.at > GIVE_UP_AFTER_MS) return [];
  // A refusal may be mended by a person (a new webhook, a new key), so it is tried again, but slowly.
  const afterMs = delivery.kind === 'refused' ? REFUSED_RETRY_MS : delivery.afterMs;
  const nextTryAt = retryAt(entry, afterMs, now);
  return [
    {
      ...entry,
      attempts: entry.attempts + 1,
      nextTryAt,
      lastDetail: delivery.detail,
      refused: delivery.kind === 'refused',
    },
  ];
}

export async function deliverTarget(
  id: string,
  notifiers: ReadonlyMap<string, Notifier>,
  ports: Ports,
): Promise<number> {
  const read = async () => (await loadTarget(ports.state, id)).state.outbox;
  const change: OutboxAccess['change'] = async (apply) => {
    await changeTarget(ports.state, id, (state) => ({ ...state, outbox: apply(state.outbox) }));
  };
  return deliver({ read, change }, notifiers, ports.clock, ports.progress);
}

export async function deliverFleet(notifiers: ReadonlyMap<string, Notifier>, ports: Ports): Promise<number> {
  const read = async () => (await loadFleet(ports.state)).state.outbox;
  const change: OutboxAccess['change'] = async (apply) => {
    await changeFleet(ports.state, (state) => ({ ...state, outbox: apply(state.outbox) }));
  };
  return deliver({ read, change }, notifiers, ports.clock, ports.progress);
}
