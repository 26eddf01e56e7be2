import type { LearnedAges } from './ages.ts';
import type { BeatMemory } from './beat.ts';
import type { Companions } from './companions.ts';
import type { Judged } from './decision.ts';
import { DIAGNOSIS } from './diagnosis.ts';
import type { GuardAnswer } from './guards.ts';
import type { HeartbeatLimit } from './heartbeat.ts';
import type { Waiting } from './locks.ts';
import type { LookBrief, MemorySlope } from './look-brief.ts';
import type {
  BlastRadius,
  HttpFacts,
  JobRow,
  LocksFacts,
  Look,
  Memory,
  ProbeEvent,
  ProgressFacts,
} from './observation.ts';
import type { TargetLooks } from './patient.ts';
import type { ContainerFact, PodEvent } from './pod.ts';
import type { Policy } from './policy.ts';
import { type PodReport, podReport } from './report.ts';
import type { TargetState } from './state.ts';
import type { WorkFacts } from './work.ts';

/** The bounded, redacted facts that a removal rests on, kept before it happens. */
export interface Evidence {
  /** The row of the decision table that convicted, what it means, and the sentence with the numbers. */
  readonly rule: string;
  readonly seen: string;
  readonly why: string;
  /** Every guard that was asked, and what it said. */
  readonly guards: readonly GuardAnswer[];
  readonly policy: Policy;
  readonly limit: HeartbeatLimit;
  readonly pod: PodReport;
  readonly node: string | null;
  readonly container: ContainerFact | null;
  readonly probeEvents: readonly ProbeEvent[];
  readonly events: Look<{ readonly events: readonly PodEvent[] }> | null;
  readonly memory: Memory | null;
  readonly memoryDetail: string | null;
  readonly memorySlope: MemorySlope | null;
  readonly peers: readonly PodReport[];
  readonly jobs: readonly JobRow[] | Look<object> | null;
  readonly progress: Look<ProgressFacts> | null;
  /** Entries of earlier versions have none. */
  readonly companions?: Companions | null;
  /** Which scheduler had what in hand; evidence of earlier versions has none. */
  readonly work?: Look<WorkFacts> | null;
  readonly urls: readonly { readonly url: string; readonly look: Look<HttpFacts> }[];
  readonly tasks: Look<BlastRadius> | null;
  readonly logs: Look<Lines> | null;
  /** Of the container before this one; null: it was never started anew. */
  readonly previousLogs: Look<Lines> | null;
  readonly beat: BeatMemory | null;
  readonly waiting: Waiting | null;
  readonly locks: Look<LocksFacts> | null;
  readonly learnedAges: LearnedAges | null;
  /** Our looks of this tick, oldest first. */
  readonly looks: readonly LookBrief[];
  /** What is missing, and why. */
  readonly leftOut: readonly string[];
}

export interface Lines {
  readonly lines: readonly string[];
}

/** What is fetched only for the evidence. */
export interface Fetched {
  readonly logs: Look<Lines> | null;
  readonly previousLogs: Look<Lines> | null;
  readonly events: Evidence['events'];
  readonly tasks: Look<BlastRadius> | null;
  readonly memorySlope: MemorySlope | null;
  readonly leftOut: readonly string[];
}

const ROWS_KEPT = 20;

export function evidenceOf(
  subject: Judged,
  all: readonly Judged[],
  looks: TargetLooks,
  state: TargetState,
  guards: readonly GuardAnswer[],
  trail: readonly LookBrief[],
  fetched: Fetched,
): Evidence {
  const { patient, verdict } = subject;
  const streakOf = (uid: string) => state.pods[uid]?.streak?.count ?? 0;
  const own = podReport(subject, streakOf(patient.pod.uid));
  return bounded({
    rule: verdict.rule,
    seen: DIAGNOSIS.find(({ id }) => id === verdict.rule)?.seen ?? '',
    why: verdict.why,
    guards,
    limit: patient.limit,
    policy: patient.policy,
    pod: own,
    node: patient.pod.node,
    container: patient.pod.container,
    probeEvents: patient.kubelet?.probes ?? [],
    memory: patient.kubelet?.memory ?? null,
    memoryDetail: patient.kubelet?.memoryDetail ?? null,
    peers: all
      .filter((other) => other.patient.pod.uid !== patient.pod.uid)
      .map((other) => podReport(other, streakOf(other.patient.pod.uid))),
    jobs: looks.jobs?.kind === 'answered' ? looks.jobs.rows.slice(0, ROWS_KEPT) : looks.jobs,
    progress: looks.progress,
    ...(looks.companions === undefined ? {} : { companions: looks.companions }),
    work: looks.work ?? null,
    urls: looks.urls,
    beat: patient.beat,
    waiting: patient.waiting,
    locks: looks.locks,
    learnedAges: state.ages[patient.pod.component] ?? null,
    looks: trail,
    ...fetched,
  });
}

/** A DynamoDB item may have 400 KB, and with it goes the entry around it. */
export const EVIDENCE_MOST_BYTES = 200_000;

/** What goes first when it is too much: what convicted, the guards and the policy never do. */
const DISPENSABLE = {
  urls: [],
  locks: null,
  learnedAges: null,
  peers: [],
  progress: null,
  companions: null,
  work: null,
  jobs: null,
  previousLogs: null,
  looks: [],
  events: null,
  probeEvents: [],
  tasks: null,
  logs: null,
} as const satisfies Partial<Evidence>;

export function bounded(evidence: Evidence): Evidence {
  let kept = evidence;
  for (const [name, nothing] of Object.entries(DISPENSABLE)) {
    if (bytesOf(kept) <= EVIDENCE_MOST_BYTES) return kept;
    kept = {
      ...kept,
      [name]: nothing,
      leftOut: [...kept.leftOut, `${name}: the evidence would have been larger than 200 KB`],
    };
  }
  return kept;
}

/** As UTF-8; JSON has no half of a pair that could not be encoded. */
const bytesOf = (value: unknown): number =>
  encodeURIComponent(JSON.stringify(value)).replace(/%../g, 'x').length;
