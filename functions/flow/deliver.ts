import type { LedgerEntry } from '../core/ledger.ts';
import type { OutboxEntry } from '../core/notification.ts';
import {
  channelBroken,
  dropSuperseded,
  dueOf,
  enqueue,
  GIVE_UP_AFTER_MS,
  isUndelivered,
  keyOf,
  REFUSED_RETRY_MS,
  retryAt,
} from '../core/outbox.ts';
import { memoOf, withMemo } from '../core/routing-memory.ts';
import { FLEET_KEY, type FleetState, type TargetState } from '../core/state.ts';
import type { EpochMs } from '../core/time.ts';
import type { Delivery, Notifier, Ports } from '../ports.ts';
import { changeFleet, changeTarget, loadFleet, loadTarget } from './saved-state.ts';

/** The part of a document that delivering changes. */
type Box = Pick<TargetState, 'outbox' | 'routing'>;

/** The outbox of one document, wherever it is kept. */
interface OutboxAccess {
  readonly id: string;
  readonly read: () => Promise<Box>;
  readonly change: (apply: (box: Box) => Box) => Promise<void>;
}

/** One entry that was tried, and what its channel said. */
interface Tried {
  readonly entry: OutboxEntry;
  readonly delivery: Delivery;
}

const ROUNDS = 5;

/** Sends what is due and keeps what failed; an entry leaves only after its channel said yes. Resolves to what is left. */
async function deliver(
  access: OutboxAccess,
  notifiers: ReadonlyMap<string, Notifier>,
  ports: Ports,
): Promise<readonly OutboxEntry[]> {
  const { clock } = ports;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { outbox, routing } = await access.read();
    const due = dueOf(outbox, clock.now());
    if (due.length === 0) return outbox;
    const tried = await Promise.allSettled(
      due.map(async (entry) => ({ entry, delivery: await send(entry, memoOf(routing, entry), notifiers) })),
    );
    const results = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const one of results) follow(one, ports);
    const now = clock.now();
    const broken = results.filter(({ entry, delivery }) => isToldToOthers(entry, delivery, outbox, now));
    await access.change((box) => marked(box, { results, broken, channels: [...notifiers.keys()], now }));
    for (const entry of ledgerOf(access.id, results, broken, now)) await ports.state.append(entry);
    // A notifier that breaks its promise is a defect, but what the others sent is marked first.
    const defect = tried.find((one) => one.status === 'rejected');
    if (defect !== undefined) throw defect.reason;
  }
  return (await access.read()).outbox;
}

function follow({ entry, delivery }: Tried, { progress }: Ports): void {
  if (delivery.kind === 'delivered') return;
  const what = delivery.kind === 'later' ? 'will be tried again' : 'was refused';
  progress({
    target: entry.notification.target,
    text: `alert to ${entry.channel} ${what}: ${delivery.detail}`,
  });
}

function isToldToOthers(
  entry: OutboxEntry,
  { kind }: Delivery,
  waiting: readonly OutboxEntry[],
  now: EpochMs,
): boolean {
  return kind !== 'delivered' && isUndelivered(entry, kind === 'refused', waiting, now);
}

interface Marking {
  readonly results: readonly Tried[];
  readonly broken: readonly Tried[];
  readonly channels: readonly string[];
  readonly now: EpochMs;
}

/** The outbox after a round, whatever else was put into it meanwhile. */
function marked({ outbox, routing }: Box, { results, broken, channels, now }: Marking): Box {
  const outcome = new Map(results.map(({ entry, delivery }) => [keyOf(entry), delivery]));
  const overdue = new Set(broken.map(({ entry }) => keyOf(entry)));
  const left = outbox.flatMap((entry) =>
    after(overdue.has(keyOf(entry)) ? { ...entry, overdue: true } : entry, outcome.get(keyOf(entry)), now),
  );
  const taken = results.flatMap(({ entry, delivery }) => (delivery.kind === 'delivered' ? [entry] : []));
  // What one channel does not take, the others hear of: an undeliverable alert is an alert itself.
  const told = broken.reduce<readonly OutboxEntry[]>(
    (all, { entry, delivery }) => {
      const how = delivery.kind === 'refused' ? 'refuses alerts' : 'does not get alerts';
      const { notification, channel } = channelBroken(entry, how, detailOf(delivery), now);
      return enqueue(
        all,
        notification,
        channels.filter((name) => name !== channel),
        now,
      );
    },
    dropSuperseded(left, taken),
  );
  const kept = results.reduce(
    (memory, { entry, delivery }) => withMemo(memory, entry, delivery.memo),
    routing,
  );
  return { outbox: told, routing: kept };
}

/** What a person looking back has to find: who did not get what, and why. */
function ledgerOf(
  target: string,
  results: readonly Tried[],
  broken: readonly Tried[],
  now: EpochMs,
): readonly LedgerEntry[] {
  return results.flatMap((one): readonly LedgerEntry[] => {
    const { entry, delivery } = one;
    if (delivery.kind === 'delivered' || entry.notification.occasion === 'refresh') return [];
    const isLost = isGivenUp(entry, now);
    if (!isLost && !broken.includes(one)) return [];
    const { incident, id, title } = entry.notification;
    const how = isLost ? 'given-up' : delivery.kind === 'refused' ? 'refused' : 'silent';
    const { channel, attempts } = entry;
    const body = {
      incident,
      channel,
      id,
      title,
      how,
      attempts: attempts + 1,
      detail: delivery.detail,
    } as const;
    return [{ target, at: now, kind: 'undelivered', body }];
  });
}

const detailOf = (delivery: Delivery) => (delivery.kind === 'delivered' ? '' : delivery.detail);
const isGivenUp = ({ notification }: OutboxEntry, now: EpochMs) => now - notification.at > GIVE_UP_AFTER_MS;

async function send(
  entry: OutboxEntry,
  memo: string | null,
  notifiers: ReadonlyMap<string, Notifier>,
): Promise<Delivery> {
  const notifier = notifiers.get(entry.channel);
  // The channel may be missing because its document is broken right now; that must not lose the alert.
  if (notifier === undefined)
    return { kind: 'later', afterMs: 60_000, detail: `there is no channel "${entry.channel}"` };
  return notifier.send(entry.notification, memo);
}

function after(entry: OutboxEntry, delivery: Delivery | undefined, now: EpochMs): readonly OutboxEntry[] {
  if (delivery === undefined) return [entry];
  if (delivery.kind === 'delivered' || isGivenUp(entry, now)) return [];
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
): Promise<readonly OutboxEntry[]> {
  const read = async () => (await loadTarget(ports.state, id)).state;
  const change: OutboxAccess['change'] = async (apply) => {
    await changeTarget(ports.state, id, (state): TargetState => ({ ...state, ...apply(state) }));
  };
  return deliver({ id, read, change }, notifiers, ports);
}

export async function deliverFleet(
  notifiers: ReadonlyMap<string, Notifier>,
  ports: Ports,
): Promise<readonly OutboxEntry[]> {
  const read = async () => (await loadFleet(ports.state)).state;
  const change: OutboxAccess['change'] = async (apply) => {
    await changeFleet(ports.state, (state): FleetState => ({ ...state, ...apply(state) }));
  };
  return deliver({ id: FLEET_KEY, read, change }, notifiers, ports);
}
