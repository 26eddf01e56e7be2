import { assertNever } from '../core/errors.ts';
import type { LedgerEntry } from '../ports.ts';
import type { Received } from './alert-stand-ins.ts';
import type { KubeletNews } from './kubelet.ts';
import type { Teller } from './teller.ts';

/** What kubelet's stand-in did. */
export function tellNews(teller: Teller, news: KubeletNews): void {
  teller.event(news.event, { ...news });
  teller.say(sentenceOf(news), news.event === 'pod-failed' ? 'red' : undefined);
}

function sentenceOf(news: KubeletNews): string {
  switch (news.event) {
    case 'pod-started':
      return `pod ${news.pod} started (pids ${news.pids.join(' and ')})`;
    case 'pod-terminating':
      return `kubelet (stand-in): SIGTERM to pid ${news.pid}, ${news.graceSeconds} s of grace`;
    case 'pod-ended':
      return `pod ${news.pod} is gone (${news.signal})`;
    case 'pod-failed':
      return `pod ${news.pod} failed: ${news.detail}`;
    default:
      return assertNever(news);
  }
}

/** An alert as it arrived on the far side. */
export function receivedLine(teller: Teller, received: Received): void {
  const { channel, kind, title } = received;
  teller.event('alert-received', { ...received });
  teller.say(`${channel === 'slack' ? 'Slack' : 'PagerDuty'} (stand-in) got "${kind}": ${title}`, 'yellow');
}

/** What the removal was made on, as it was stored before the pod went. */
export function evidenceLines(intent: LedgerEntry): readonly string[] {
  const evidence = intent.body.evidence as {
    readonly why: string;
    readonly rule: string;
    readonly limit: { readonly from: string };
    readonly container: { readonly restarts: number } | null;
    readonly probeEvents: readonly { readonly kind: string; readonly message: string }[];
    readonly memory: { readonly workingSetBytes: number; readonly limitBytes: number | null } | null;
    readonly logs: { readonly lines?: readonly string[] } | null;
  };
  const mebibytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;
  const { memory, probeEvents, logs } = evidence;
  return [
    `rule      ${evidence.rule} (limit from ${evidence.limit.from})`,
    `witnesses ${evidence.why.split('; ').slice(0, 2).join('; ')}`,
    `kubelet   pod Running, ${evidence.container?.restarts ?? '?'} restarts`,
    ...(memory === null
      ? []
      : [
          `memory    ${mebibytes(memory.workingSetBytes)} of ${memory.limitBytes === null ? '?' : mebibytes(memory.limitBytes)}`,
        ]),
    ...probeEvents.slice(0, 1).map((event) => `probe     ${event.kind}: ${event.message.slice(0, 110)}`),
    ...(logs?.lines ?? []).slice(-1).map((line) => `last log  ${line.slice(0, 110)}`),
  ];
}
