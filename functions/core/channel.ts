import type { ConditionKind } from './condition.ts';
import type { Severity } from './notification.ts';
import type { SecretRef } from './target.ts';
import type { DurationMs } from './time.ts';

/** A value from outside that is either a secret's place or, for tests and throw-away set-ups, the value itself. */
export type Value = SecretRef | string;

/** Where alerts go, as its document says. */
export interface Channel {
  readonly name: string;
  /** Its kind; `config/channels/kinds.ts` lists them. */
  readonly type: string;
  /** Stands in for scheme and host of the service; null: the service itself. */
  readonly endpoint: string | null;
  /** What its kind needs, by the document's keys; secrets by where they live. */
  readonly settings: Readonly<Record<string, Value | readonly string[]>>;
  readonly rules: RoutingRules;
}

/** Which notifications a channel takes, and when. */
export interface RoutingRules {
  /** At least as grave as this; what is followed already is followed to its end. */
  readonly severity: Severity;
  /** Ids, or beginnings of ids that end in `*`; null: all. */
  readonly targets: readonly string[] | null;
  /** Only incidents in which one of these was told; null: all. */
  readonly causes: readonly ConditionKind[] | null;
  readonly quietHours: QuietHours | null;
  /** An open incident is repeated this often. */
  readonly remindEveryMs: DurationMs | null;
  /** Hears of an incident only after it was open for so long and nobody has answered it by a pause. */
  readonly escalateAfterMs: DurationMs | null;
  /** Kinds that forget an alert which is not repeated; nobody is to notice these repeats. */
  readonly refreshEveryMs: DurationMs | null;
}

/** Times of day in which only critical matters are told; minutes since midnight in `zone`. `to` before `from` is past midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

export const EVERYTHING: RoutingRules = {
  severity: 'info',
  targets: null,
  causes: null,
  quietHours: null,
  remindEveryMs: null,
  escalateAfterMs: null,
  refreshEveryMs: null,
};
