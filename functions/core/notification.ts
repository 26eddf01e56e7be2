import type { EpochMs } from './time.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** Channel-neutral message about a change of one incident. Texts are bounded and hold no secret. */
export interface Notification {
  /** Unique and the same for every try: `<incident>/<number>`. */
  readonly id: string;
  /** The channels' dedup key. */
  readonly incident: string;
  readonly target: string;
  readonly at: EpochMs;
  /** `opened` pages, `updated` adds to the open page, `resolved` ends it, `note` never pages. */
  readonly kind: 'opened' | 'updated' | 'resolved' | 'note';
  readonly severity: Severity;
  /** At most 150 characters. */
  readonly title: string;
  /** At most 600 characters: what happened, what did not, what to run. */
  readonly text: string;
  /** At most 10, short. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/** The channel that stands in while none is configured. */
export const CONSOLE = 'console';

/** A notification on its way to one channel; it leaves the outbox only after the channel said yes. */
export interface OutboxEntry {
  readonly channel: string;
  readonly notification: Notification;
  readonly attempts: number;
  readonly nextTryAt: EpochMs;
  readonly lastDetail: string | null;
}
