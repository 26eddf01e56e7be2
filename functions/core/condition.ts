import { CAUSES, type Cause } from './cause.ts';
import type { Severity } from './notification.ts';
import { ALERT_AFTER_MS, LIMITS } from './policy.ts';
import type { DurationMs, EpochMs } from './time.ts';

interface ConditionRow {
  /** Names the headline: the lowest of several is told first. */
  readonly rank: number;
  /** How long it may last before it is told; null where what is found of it says when. */
  readonly alertAfterMs: DurationMs | null;
  readonly severity: Severity;
  readonly title: string;
  /** What a person can do about it. */
  readonly cure: string;
  /** What to look at with kubectl; POD and SELECTOR stand for what is known of them. null: nothing in a cluster. */
  readonly kubectl: string | null;
}

type UnwellCause = Exclude<Cause, 'healthy' | 'idle'>;

/** What may be the matter with a target or the fleet beyond the causes of its pods. */
const BEYOND_CAUSES = {
  'none-left': {
    rank: 8,
    alertAfterMs: ALERT_AFTER_MS['none-left'],
    severity: 'critical',
    title: 'there is no pod',
    cure: 'look at its workload: scaled to zero, refused by a quota, or another label than the selector',
    kubectl: 'get deployments,statefulsets,replicasets',
  },
  'none-well': {
    rank: 20,
    alertAfterMs: ALERT_AFTER_MS['none-well'],
    severity: 'critical',
    title: 'no pod gets well',
    cure: 'look at why no pod gets well whatever comes and goes: image, memory, database',
    kubectl: 'get pods -l SELECTOR -o wide',
  },
  'too-few': {
    rank: 55,
    alertAfterMs: ALERT_AFTER_MS['too-few'],
    severity: 'warning',
    title: 'fewer pods than there should be are well',
    cure: 'look at why the missing pods do not come or do not get well',
    kubectl: 'get pods -l SELECTOR -o wide',
  },
  'crash-loop': {
    rank: 45,
    alertAfterMs: null,
    severity: 'warning',
    title: 'a pod crash-loops',
    cure: 'read the last log lines of the container that ended',
    kubectl: 'logs POD --previous --tail=100',
  },
  workers: {
    rank: 35,
    alertAfterMs: ALERT_AFTER_MS.workers,
    severity: 'warning',
    title: 'queued tasks are not taken up',
    cure: 'look at the workers of that queue, or at Pending pods of the KubernetesExecutor; with LocalExecutor at the log of the scheduler',
    kubectl: 'get pods -o wide',
  },
  'witness-lost': {
    rank: 65,
    alertAfterMs: ALERT_AFTER_MS['witness-lost'],
    severity: 'warning',
    title: 'a witness is gone',
    cure: 'mend what the sentence names: a grant, a network path, the metrics server',
    kubectl: 'auth can-i --list',
  },
  'memory-filling': {
    rank: 70,
    alertAfterMs: ALERT_AFTER_MS['memory-filling'],
    severity: 'warning',
    title: 'memory will be full',
    cure: 'give the container more memory, find what leaks, or let `policy.memory` restart it in a quiet minute',
    kubectl: 'top pod POD --containers',
  },
  'clocks-differ': {
    rank: 80,
    alertAfterMs: ALERT_AFTER_MS['clocks-differ'],
    severity: 'warning',
    title: 'clocks differ',
    cure: 'set the clock that is off by NTP; nothing is judged by it',
    kubectl: 'get nodes',
  },
  storm: {
    rank: 1,
    alertAfterMs: null,
    severity: 'critical',
    title: 'storm',
    cure: 'look for what the members share: network, cluster, database, or the watchdog itself',
    kubectl: null,
  },
  'list-unusable': {
    rank: 2,
    alertAfterMs: null,
    severity: 'critical',
    title: 'the target list cannot be used',
    cure: 'run `scheduler-watchdog targets validate`',
    kubectl: null,
  },
  'repairs-failing': {
    rank: 3,
    alertAfterMs: null,
    severity: 'critical',
    title: 'removals cure nothing, all are held',
    cure: 'look at why replacements do not work: image, node, database; then `scheduler-watchdog resume TARGET`',
    kubectl: null,
  },
  'list-stale': {
    rank: 25,
    alertAfterMs: null,
    severity: 'warning',
    title: 'the target list cannot be read; the last one is used',
    cure: 'look at SSM and the rights of the function',
    kubectl: null,
  },
  'list-bad': {
    rank: 26,
    alertAfterMs: null,
    severity: 'warning',
    title: 'part of the target list cannot be used',
    cure: 'run `scheduler-watchdog targets validate`',
    kubectl: null,
  },
  'self-degraded': {
    rank: 27,
    alertAfterMs: ALERT_AFTER_MS['self-degraded'],
    severity: 'warning',
    title: 'the watchdog doubts itself',
    cure: 'give the watchdog more CPU and memory, or look at its network',
    kubectl: null,
  },
} as const satisfies Record<string, ConditionRow>;

export type ConditionKind = UnwellCause | keyof typeof BEYOND_CAUSES;

export const CONDITIONS: Readonly<Record<ConditionKind, ConditionRow>> = { ...CAUSES, ...BEYOND_CAUSES };

/** Something that is the matter now, before it is decided whether to tell. */
export interface Finding {
  /** `target`, `database`, `component scheduler`, `bundle NAME`, `node NAME`, `queue default`, `pod UID`, `witness progress`, `clock watchdog`. */
  readonly subject: string;
  readonly kind: ConditionKind;
  /** Since when, as far as a witness knows. */
  readonly since: EpochMs;
  readonly severity: Severity;
  /** Changes whenever there is something new to say about it. */
  readonly stage: string;
  /** To be told at once, whatever its row says of lasting. */
  readonly isDue: boolean;
  readonly title: string;
  readonly text: string;
}

/** The pod a condition or finding is about, as its subject. */
export const podSubject = (uid: string): string => `pod ${uid}`;

/** There is one condition per key, however many findings speak of it. */
export function keyOfCondition({ subject, kind }: Pick<Condition, 'subject' | 'kind'>): string {
  return `${kind} ${subject}`;
}

/** A finding that is told once it has lasted as long as its row says. */
export function lasting(
  kind: ConditionKind,
  subject: string,
  since: EpochMs,
  title: string,
  text: string,
): Finding {
  const { severity } = CONDITIONS[kind];
  return { kind, subject, since, severity, stage: 'lasting', isDue: false, title, text };
}

/** What is the matter, since when, and what of it was told: one per subject and kind. */
export interface Condition {
  readonly subject: string;
  readonly kind: ConditionKind;
  readonly since: EpochMs;
  /** When it was last the case. */
  readonly seenAt: EpochMs;
  readonly severity: Severity;
  readonly stage: string;
  /** Since when it is in that stage: how long a removal has been held. */
  readonly stageSince: EpochMs;
  readonly title: string;
  readonly text: string;
  /** What was last told of it; null: nothing yet. */
  readonly told: { readonly stage: string; readonly severity: Severity; readonly at: EpochMs } | null;
}

const TEXT_KEPT = 600;

/**
 * Brings the conditions up to date. One that was told ends after it was not seen for a while, so that what comes and goes is one
 * story; at once when its subject is gone or proved well.
 * @param isOver the subject of a condition is gone, or proved well
 * @param slotMs time between two ticks
 */
export function updateConditions(
  before: readonly Condition[],
  found: readonly Finding[],
  isOver: (condition: Condition) => boolean,
  now: EpochMs,
  slotMs: DurationMs,
): readonly Condition[] {
  if (before.length === 0 && found.length === 0) return before;
  const known = new Map(before.map((condition) => [keyOfCondition(condition), condition]));
  const present = found.map((one): Condition => {
    const old = known.get(keyOfCondition(one));
    // What was told and not yet ended is the same story, however many ticks were lost in between.
    const goesOn = old !== undefined && (old.told !== null || !isExpired(old, now, slotMs));
    return {
      subject: one.subject,
      kind: one.kind,
      since: goesOn ? Math.min(old.since, one.since) : one.since,
      seenAt: now,
      severity: one.severity,
      stage: one.stage,
      stageSince: goesOn && old.stage === one.stage ? (old.stageSince ?? now) : now,
      title: one.title,
      text: one.text.slice(0, TEXT_KEPT),
      told: goesOn ? old.told : null,
    };
  });
  const seen = new Set(present.map(keyOfCondition));
  const lingering = before.filter(
    (condition) =>
      !seen.has(keyOfCondition(condition)) && !isOver(condition) && !isExpired(condition, now, slotMs),
  );
  // What was told must stay until it can be closed; among the rest the worst are kept.
  const all = [...present, ...lingering].toSorted(
    (a, b) => Number(b.told !== null) - Number(a.told !== null) || rankOf(a) - rankOf(b),
  );
  return all.slice(0, LIMITS.conditionsKept);
}

export function rankOf({ kind }: Pick<Condition, 'kind'>): number {
  return CONDITIONS[kind].rank;
}

/** Not seen for its time, which two missing ticks do not fill. A clock that jumped back makes nothing last for ever. */
function isExpired(condition: Condition, now: EpochMs, slotMs: DurationMs): boolean {
  const keptMs = condition.told === null ? LIMITS.pendingGapMs : LIMITS.clearAfterMs;
  return Math.abs(now - condition.seenAt) >= Math.max(keptMs, 2.5 * slotMs);
}

const LEVELS: readonly Severity[] = ['info', 'warning', 'critical'];

export function isWorse(severity: Severity, than: Severity): boolean {
  return LEVELS.indexOf(severity) > LEVELS.indexOf(than);
}

/** `hold:storm` → `hold`. What has no colon has one kind of its own. */
const stageKind = (stage: string): string => (stage.includes(':') ? (stage.split(':')[0] ?? stage) : stage);

/** Whether there is something to say about it that was not said. */
export function isNews(condition: Condition, isDue: boolean, now: EpochMs): boolean {
  const { told, kind, since, severity, stage, seenAt } = condition;
  if (seenAt !== now) return false;
  const { alertAfterMs } = CONDITIONS[kind];
  if (!isDue && (alertAfterMs === null || now - since < alertAfterMs)) return false;
  if (told === null || isWorse(severity, told.severity)) return true;
  if (told.stage === stage) return false;
  // Reasons for one and the same hold, and members of a storm, may take turns; a removal and its end are always told.
  return stageKind(stage) !== stageKind(told.stage) || now - told.at >= LIMITS.holdRetoldMs;
}
