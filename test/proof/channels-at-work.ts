import type { ChannelKind } from '../../functions/config/channels/kinds.ts';
import type { Notifier } from '../../functions/ports.ts';
import { rigOf } from '../adapters/alerts/rig.ts';
import type { ChannelStub } from '../stubs/channel-stub.ts';
import type { Fault } from '../stubs/faults.ts';
import { CHANNEL_STUBS } from '../stubs/kinds.ts';
import { randomFrom } from './random.ts';

/** One channel with its service and its moods. */
export interface ChannelAtWork {
  readonly name: string;
  readonly stub: ChannelStub;
  /** A new process has new notifiers. */
  restart(): void;
  readonly notifier: Notifier;
  /** Chooses how the service is for the coming minute. */
  mood(isDown: boolean): void;
  isWell(): boolean;
  readonly seen: {
    troubles: number;
    /** By mark: how often the service took it, or may have, and we were told otherwise or nothing. */
    readonly unknown: Map<string, number>;
  };
  close(): Promise<void>;
}

/** The mark in a notification's title, by which it is found again on the other side. */
export const MARK = /W\d+-[a-z]+/;

/** Of these, one in some requests or for the whole minute. Slow ones cost true time, so they are rare. */
const MOODS: readonly (Fault & { readonly share: number })[] = [
  { kind: 'rate-limit', retryAfter: 7, share: 4 },
  { kind: 'rate-limit', retryAfter: null, share: 3 },
  { kind: 'server-error', share: 4 },
  { kind: 'cut', taken: true, share: 3 },
  { kind: 'cut', taken: false, share: 3 },
  { kind: 'truncated', share: 3 },
  { kind: 'revoked', share: 2 },
  { kind: 'archived', share: 2 },
  { kind: 'redirect', share: 1 },
  { kind: 'answer', status: 200, body: '<html>Sign in</html>', share: 2 },
  { kind: 'answer', status: 403, body: 'forbidden by the proxy', share: 1 },
  { kind: 'slow', ms: 2_500, share: 1 },
];
const ALL_SHARES = MOODS.reduce((sum, { share }) => sum + share, 0);
const TROUBLE_SHARE = 0.4;
const DEADLINE_MS = 1_000;

export async function startAll(seed: number): Promise<readonly ChannelAtWork[]> {
  const started: ChannelAtWork[] = [];
  for (const [kind, starts] of Object.entries(CHANNEL_STUBS))
    for (const [at, start] of starts.entries())
      started.push(
        atWork(
          kind as ChannelKind,
          at === 0 ? kind : `${kind}-${at + 1}`,
          await start(),
          seed + started.length,
        ),
      );
  return started;
}

function atWork(kind: ChannelKind, name: string, stub: ChannelStub, seed: number): ChannelAtWork {
  const random = randomFrom(seed * 7919);
  const seen = { troubles: 0, unknown: new Map<string, number>() };
  let rig = rigOf(kind, stub, { deadlineMs: DEADLINE_MS });
  let mood: Fault | null = null;
  return {
    name,
    stub,
    seen,
    restart() {
      void rig.close();
      rig = rigOf(kind, stub, { deadlineMs: DEADLINE_MS });
    },
    notifier: {
      async send(notification, memo) {
        const mark = MARK.exec(notification.title)?.[0] ?? '';
        const before = stub.accepted.length;
        const delivery = await rig.notifier.send(notification, memo);
        if (delivery.kind === 'delivered') return delivery;
        seen.troubles += 1;
        const isTaken = stub.accepted.slice(before).some((text) => text.includes(mark));
        // Without an answer it may be taken later still.
        if (isTaken || /gave no answer/.test(delivery.detail))
          seen.unknown.set(mark, (seen.unknown.get(mark) ?? 0) + 1);
        return delivery;
      },
    },
    mood(isDown) {
      mood = isDown ? { kind: 'cut', taken: false } : random() < TROUBLE_SHARE ? choose(random()) : null;
      if (stub.believesAnyone === true && mood?.kind === 'answer' && mood.status < 300) mood = null;
      const times = isDown || random() < 0.5 ? Number.POSITIVE_INFINITY : 1 + Math.floor(random() * 3);
      stub.fail(mood === null ? [] : { ...mood, times: mood.kind === 'slow' ? 1 : times });
    },
    isWell: () => mood === null,
    async close() {
      await rig.close();
      await stub.close();
    },
  };
}

function choose(at: number): Fault {
  let left = at * ALL_SHARES;
  for (const { share, ...fault } of MOODS) {
    left -= share;
    if (left < 0) return fault as Fault;
  }
  return { kind: 'server-error' };
}
