import type { AwaitingPod } from './approval.ts';
import type { ConditionKind } from './condition.ts';
import type { DurationMs, EpochMs } from './time.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** What a notification is about, for channels that route and label by it; null where there is no such thing, or it is not known. */
export interface About {
  /** null: of a message that is about no trouble, such as a rehearsal. */
  readonly cause: ConditionKind | null;
  readonly cluster: string | null;
  readonly namespace: string | null;
  readonly component: string | null;
  readonly pod: string | null;
  readonly node: string | null;
}

/** What a message is about that is about no trouble. */
export const NOTHING: About = {
  cause: null,
  cluster: null,
  namespace: null,
  component: null,
  pod: null,
  node: null,
};

/** Where to read on. */
export interface Link {
  /** `Report`, `Runbook`, `Dashboard`. */
  readonly name: string;
  readonly url: string;
}

/** Channel-neutral message about a change of one incident. Texts are bounded and hold no secret. */
export interface Notification {
  /** Unique and the same for every try: `<incident>/<number>`. */
  readonly id: string;
  /** Which story it belongs to; messages of one story keep their order. */
  readonly incident: string;
  readonly target: string;
  readonly at: EpochMs;
  /**
   * `opened` pages, `updated` adds to the open page, `escalated` pages anew and ends the page of the lesser alarm, `resolved` ends
   * what is open, `note` never pages.
   */
  readonly kind: 'opened' | 'updated' | 'escalated' | 'resolved' | 'note';
  /** The dedup key of channels that page. It changes when an incident grows critical: an update of a known page wakes nobody. */
  readonly page: string;
  /** The page that this one takes the place of. */
  readonly endsPage: string | null;
  readonly severity: Severity;
  /** What a channel may show apart from the rest: a pod was removed, a person has taken it up, it is still open; a refresh is for machines. */
  readonly occasion?: 'removal' | 'answered' | 'reminder' | 'refresh';
  /** At most 150 characters. */
  readonly title: string;
  /** At most 600 characters: what happened, what did not, what to run. */
  readonly text: string;
  /** At most 10, short, the most useful first. */
  readonly fields: readonly Field[];
  readonly about: About;
  readonly links: readonly Link[];
  /** The pod whose removal waits for a person, for channels that can ask one; left out where none does. */
  readonly awaits?: Pick<AwaitingPod, 'uid' | 'pod'>;
  /** Who has taken it up; left out where nobody has. */
  readonly acknowledgedBy?: string;
}

export interface Field {
  readonly name: string;
  readonly value: string;
}

const VALUE_CHARS = 300;

export const boundedField = ({ name, value }: Field): Field => ({
  name,
  value: value.length <= VALUE_CHARS ? value : `${value.slice(0, VALUE_CHARS - 1)}…`,
});

/** The channel that stands in while none is configured. */
export const CONSOLE = 'console';

/** Without any channel alerts are still printed, where somebody may read them. */
export function channelNames(channels: readonly { readonly name: string }[]): readonly string[] {
  return channels.length === 0 ? [CONSOLE] : channels.map(({ name }) => name);
}

/** A notification on its way to one channel; it leaves the outbox only after the channel said yes. */
export interface OutboxEntry {
  readonly channel: string;
  readonly notification: Notification;
  readonly attempts: number;
  readonly nextTryAt: EpochMs;
  readonly lastDetail: string | null;
  /** The channel said that repeating it is useless; it is tried slowly, in case a person mends the channel. */
  readonly refused: boolean;
  /** The other channels were told that this one does not get it. */
  readonly overdue?: boolean;
}

/** What a channel made of one notification. */
export type Delivery = {
  /** Kept for the next message about the same incident, whatever became of this one; at most 1,000 characters. */
  readonly memo?: string;
} & (
  | { readonly kind: 'delivered' }
  /** Try again, not before `afterMs` from now (the channel's own Retry-After where it gave one). */
  | { readonly kind: 'later'; readonly afterMs: DurationMs; readonly detail: string }
  /** Repeating it unchanged is useless. */
  | { readonly kind: 'refused'; readonly detail: string }
);
