import type { Evidence } from '../core/evidence.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { About } from '../core/notification.ts';
import { type EpochMs, formatDuration, isoOf } from '../core/time.ts';

interface Facts {
  readonly story: readonly LedgerEntry[];
  readonly since: EpochMs;
  readonly lastAliveAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  readonly evidence: Evidence | null;
  readonly about: About | null;
}

/** What happened, in one paragraph: what was seen, what was done about it, and how it ended. */
export function paragraphOf(facts: Facts): string {
  return [seenOf(facts), ...doneOf(facts), endOf(facts)].filter((part) => part !== '').join(' ');
}

/** `03:12:07 UTC` */
const timeOf = (at: EpochMs): string => `${isoOf(at).slice(11, 19)} UTC`;

function seenOf({ story, since, lastAliveAt, evidence, about }: Facts): string {
  const first = `Since ${timeOf(since)} something was wrong`;
  const where = about?.namespace == null ? '' : ` in namespace ${about.namespace} of ${about.cluster}`;
  if (evidence !== null) {
    const { pod } = evidence;
    const node = evidence.node === null ? '' : ` on node ${evidence.node}`;
    return `The ${pod.component} ${pod.pod}${node}${where} was ${pod.cause}: ${evidence.why}. Its last sign of life was at ${timeOf(lastAliveAt ?? since)}.`;
  }
  const told = story.find((entry) => entry.kind === 'told');
  return told === undefined ? `${first}${where}.` : `${first}${where}: ${sentence(told.body.text)}`;
}

function doneOf({ story, since, lastAliveAt, evidence }: Facts): readonly string[] {
  const parts = story.flatMap((entry): readonly string[] => {
    switch (entry.kind) {
      case 'tick':
        return entry.body.decision.kind === 'hold'
          ? [`At ${timeOf(entry.at)} a removal was held (${entry.body.decision.code}).`]
          : [];
      case 'intent':
        return evidence === null
          ? []
          : [
              `After ${formatDuration(Math.max(0, entry.at - (lastAliveAt ?? since)))} every guard let it go.`,
            ];
      case 'removal':
        return [
          `At ${timeOf(entry.at)} Kubernetes answered "${entry.body.answer.kind}": ${sentence(entry.body.answer.detail)}`,
        ];
      case 'outcome':
        return [`At ${timeOf(entry.at)}: ${entry.body.outcome.kind}, ${sentence(entry.body.outcome.detail)}`];
      default:
        return [];
    }
  });
  const most = 6;
  return parts.length <= most
    ? parts
    : [
        ...parts.slice(0, most - 1),
        `${parts.length - most} more steps are in the story below.`,
        parts.at(-1) ?? '',
      ];
}

function endOf({ since, endedAt }: Facts): string {
  if (endedAt === null) return 'It is not over yet.';
  return `It was over at ${timeOf(endedAt)}, after ${formatDuration(Math.max(0, endedAt - since))}.`;
}

const sentence = (text: string): string => text.trim().replace(/\.?$/, '.');
