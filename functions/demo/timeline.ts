import { table } from 'table';
import type { Remediation } from '../core/remediation.ts';
import type { LedgerEntry } from '../ports.ts';
import type { Received } from './alert-stand-ins.ts';

/** One moment of the incident and where it is written down. */
export interface Moment {
  readonly at: number;
  readonly what: string;
  readonly from: string;
}

/** Everything that is stored or was received about one removal, in order. */
export function timelineOf(
  removal: Remediation,
  entries: readonly LedgerEntry[],
  received: readonly Received[],
): readonly Moment[] {
  const { pod, cause, lastAliveAt, firstBadAt } = removal;
  const moments: Moment[] = [
    ...(lastAliveAt === null ? [] : [{ at: lastAliveAt, what: `${pod}: last heartbeat`, from: 'state' }]),
    { at: firstBadAt, what: `first look that finds it ${cause}`, from: 'state' },
    ...entries.flatMap(momentOf),
    ...received.map(({ at, channel, kind, title }) => ({
      at,
      what: channel === 'slack' ? `${kind}: ${title}` : kind,
      from: channel === 'slack' ? 'Slack' : 'PagerDuty',
    })),
  ];
  return moments.toSorted((a, b) => a.at - b.at);
}

function momentOf(entry: LedgerEntry): Moment[] {
  const { at } = entry;
  const from = `ledger: ${entry.kind}`;
  switch (entry.kind) {
    case 'intent':
      return [{ at, what: 'every guard agrees; the intent and its evidence are saved', from }];
    case 'removal': {
      const { answer } = entry.body;
      return [{ at, what: `DELETE with the pod's uid: ${answer.kind} (HTTP ${answer.status})`, from }];
    }
    case 'outcome': {
      const { outcome } = entry.body;
      return [{ at, what: `${outcome.kind}: ${outcome.detail}`, from }];
    }
    default:
      return [];
  }
}

/** Seconds count from the first moment: the last sign of life. */
export function renderTimeline(moments: readonly Moment[]): string {
  const began = moments[0]?.at ?? 0;
  const rows = moments.map(({ at, what, from }) => [
    new Date(at).toISOString().slice(11, 19),
    `+${((at - began) / 1_000).toFixed(1)} s`,
    what,
    from,
  ]);
  return table([['UTC', 'after', 'what', 'written in'], ...rows], {
    columns: { 1: { alignment: 'right' }, 2: { width: 66, wrapWord: true } },
    drawHorizontalLine: (line, count) => line <= 1 || line === count,
  }).trimEnd();
}
