import type { Cause } from './cause.ts';
import type { Decision, Subject } from './decision.ts';
import { type DrillBody, drillSentence } from './drill.ts';
import type { Evidence } from './evidence.ts';
import type { KeptLooks } from './kept-looks.ts';
import type { LookBrief } from './look-brief.ts';
import type { Notification } from './notification.ts';
import type { RemovalAnswer } from './pod.ts';
import type { Recording } from './recording.ts';
import type { Outcome } from './remediation.ts';
import type { EpochMs } from './time.ts';

/** What each kind of entry holds. Times in bodies are ISO texts unless their name ends in `At`. */
interface LedgerBodies {
  /** A decision that is another one than before, or an incident that began or ended. */
  readonly tick: {
    readonly tick: string;
    readonly decision: Decision;
    readonly incident: string | null;
    readonly isOver: boolean;
    readonly pods: readonly {
      readonly pod: string;
      readonly cause: Cause;
      readonly why: string;
      readonly rule: string;
    }[];
  };
  /** What was seen, so that any decision can be replayed. */
  readonly looks: {
    readonly tick: string;
    readonly looks: KeptLooks;
    /** What each look of the tick made of each pod; entries of earlier versions have none. */
    readonly trail?: readonly LookBrief[];
    /** What the last of these looks was judged with; entries of earlier versions have none. */
    readonly recording?: Recording;
  };
  readonly intent: {
    readonly tick: string;
    readonly incident: string | null;
    readonly why: string;
    /** null: nothing was seen any more, or it is the same as of the try before. */
    readonly evidence: Evidence | null;
  } & Subject;
  readonly removal: { readonly incident: string | null; readonly answer: RemovalAnswer } & Subject;
  readonly outcome: {
    readonly incident: string | null;
    readonly intendedAt: EpochMs;
    readonly answer: (RemovalAnswer & { readonly at: EpochMs }) | null;
    readonly outcome: Outcome;
  } & Subject;
  /** What was told to people. */
  readonly told: {
    readonly incident: string;
    readonly step: Notification['kind'];
    readonly severity: Notification['severity'];
    readonly title: string;
    readonly text: string;
    /** Entries of earlier versions have neither. */
    readonly fields?: Notification['fields'];
    readonly about?: Notification['about'];
  };
  /** A channel does not take what it was to be told; `given-up`: it never will. */
  readonly undelivered: {
    readonly incident: string;
    readonly channel: string;
    readonly id: string;
    readonly title: string;
    readonly how: 'refused' | 'silent' | 'given-up';
    readonly attempts: number;
    readonly detail: string;
  };
  readonly pause: {
    readonly by: string;
    readonly reason: string;
    readonly until: string;
    /** The pause that it took the place of. */
    readonly replaced?: { readonly by: string; readonly reason: string; readonly until: string };
  };
  /** A person has let one pod go that waited for it. */
  readonly approval: {
    readonly by: string;
    readonly pod: string;
    readonly uid: string;
    readonly until: string;
  };
  /** A person has taken up an incident. */
  readonly acknowledgement: { readonly by: string; readonly incident: string };
  /** A rehearsal; nothing was removed. */
  readonly drill: DrillBody;
  readonly resume: { readonly by: string; readonly was: boolean };
}

export type LedgerKind = keyof LedgerBodies;

/** One line of the append-only history. */
export type LedgerEntry = {
  readonly [K in LedgerKind]: {
    readonly target: string;
    readonly at: EpochMs;
    readonly kind: K;
    readonly body: LedgerBodies[K];
  };
}[LedgerKind];

type Sentences = {
  readonly [K in LedgerKind]: (body: LedgerBodies[K]) => string;
};

const SENTENCES: Sentences = {
  tick: ({ decision, incident, isOver }) => {
    if (decision.kind === 'hold') return `held (${decision.code}): ${decision.why}`;
    if (incident === null) return 'all is well';
    return `incident ${incident} is ${isOver ? 'over' : 'open'}`;
  },
  looks: ({ looks }) => `looked at ${looks.pods.length} pod(s)`,
  intent: ({ pod, cause, why }) => `${pod} is ${cause}: ${why}`,
  removal: ({ pod, answer }) => `${pod}: ${answer.kind} (${answer.detail})`,
  outcome: ({ pod, outcome }) => `${pod}: ${outcome.kind}, ${outcome.detail}`,
  told: ({ step, severity, title }) => `${step} (${severity}): ${title}`,
  undelivered: ({ channel, how, title, detail }) => `channel ${channel} (${how}): "${title}": ${detail}`,
  pause: ({ by, until, reason, replaced }) =>
    `by ${by} until ${until}: ${reason}${replaced === undefined ? '' : ` (in place of the pause by ${replaced.by} until ${replaced.until})`}`,
  approval: ({ by, pod, until }) => `by ${by}: ${pod} may be removed until ${until}`,
  acknowledgement: ({ by, incident }) => `by ${by}: ${incident} is taken up`,
  drill: drillSentence,
  resume: ({ by }) => `by ${by}`,
};

export const LEDGER_KINDS = Object.keys(SENTENCES) as readonly LedgerKind[];

/** One sentence per entry, for people. An entry that a newer version wrote is shown as it is. */
export function sentenceOf(entry: LedgerEntry): string {
  const sentence = SENTENCES[entry.kind] as ((body: LedgerEntry['body']) => string) | undefined;
  return sentence === undefined ? JSON.stringify((entry as LedgerEntry).body) : sentence(entry.body);
}
