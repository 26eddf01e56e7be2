import type { ConditionKind } from './condition.ts';
import type { Notification, OutboxEntry, Severity } from './notification.ts';
import type { EpochMs } from './time.ts';

/** What one channel was told of one incident. */
export interface Following {
  readonly channel: string;
  readonly incident: string;
  /** The page that is open there. */
  readonly page: string;
  /** When something was last put on its way that people notice. */
  readonly toldAt: EpochMs;
  /** When anything was. */
  readonly sentAt: EpochMs;
  /** Id of the newest notification it was given. */
  readonly newest: string;
  readonly repeats: number;
  /** What its notifier wants to be kept until the next message. */
  readonly memo: string | null;
  /** Its end is on its way; the memo is needed until it has arrived. */
  readonly isOver: boolean;
}

/** An incident that comes and goes is told as one story. */
export interface Flapping {
  readonly incident: string;
  readonly page: string;
  readonly severity: Severity;
  readonly causes: readonly ConditionKind[];
  readonly times: number;
  /** The end that is told if nothing comes back until then. */
  readonly held: { readonly resolved: Notification; readonly until: EpochMs } | null;
}

/** What is remembered so that every channel hears each incident to its end. */
export interface RoutingMemory {
  readonly followed: readonly Following[];
  /** The newest notification of the incident that is open. */
  readonly last: Notification | null;
  /** Which pause was last taken for an answer. */
  readonly answer: string | null;
  /** Page of the last acknowledgement that was told; states of earlier versions have none. */
  readonly acknowledged?: string | null;
  /** When incidents of this target last ended. */
  readonly ends: readonly EpochMs[];
  readonly flapping: Flapping | null;
}

export const NOTHING_ROUTED: RoutingMemory = {
  followed: [],
  last: null,
  answer: null,
  ends: [],
  flapping: null,
};

/** Longer ones are not kept: the state of a target is one small document. */
const MEMO_CHARS = 1_000;

type Lane = Pick<OutboxEntry, 'channel' | 'notification'>;

const isOf = ({ channel, notification }: Lane) => {
  const { incident } = notification;
  return (one: Following) => one.channel === channel && one.incident === incident;
};

/** What the channel wanted to be kept about the incident of this entry. */
export function memoOf({ followed }: RoutingMemory, entry: Lane): string | null {
  return followed.find(isOf(entry))?.memo ?? null;
}

/** @param memo undefined: what is kept stays. */
export function withMemo(memory: RoutingMemory, entry: Lane, memo: string | undefined): RoutingMemory {
  if (memo === undefined || memo.length > MEMO_CHARS) return memory;
  const followed = memory.followed.map((one) => (isOf(entry)(one) ? { ...one, memo } : one));
  return { ...memory, followed };
}
