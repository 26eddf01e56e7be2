import type { Severity } from '../../../core/notification.ts';

/** What the bot remembers of one incident. */
export interface BotMemo {
  /** Of the message that is kept up to date; a text, since a number would lose its last digits. */
  readonly ts: string | null;
  /** Id of the notification that was told last. */
  readonly said: string | null;
  /** Key of a message of which it is not known whether Slack took it. */
  readonly maybe: string | null;
  /** The gravest that was told: what is added to a critical incident may be less, the incident is not. */
  readonly worst: Severity | null;
}

const NOTHING: BotMemo = { ts: null, said: null, maybe: null, worst: null };

export function memoFrom(text: string | null): BotMemo {
  if (text === null) return NOTHING;
  try {
    const { ts, said, maybe, worst } = JSON.parse(text);
    const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
    return { ts: textOf(ts), said: textOf(said), maybe: textOf(maybe), worst: severityOf(worst) };
  } catch {
    // The channel was of another kind when this was kept.
    return NOTHING;
  }
}

function severityOf(value: unknown): Severity | null {
  return value === 'critical' || value === 'warning' || value === 'info' ? value : null;
}

export function memoText(memo: BotMemo): string {
  return JSON.stringify(memo);
}
