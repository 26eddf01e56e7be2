import { withoutWaiting } from './awaiting.ts';
import { type Cause, isUnknown, isWell, rowOfCause, type Verdict } from './cause.ts';
import { companionFindings } from './companion-findings.ts';
import type { ComponentHealth } from './component-health.ts';
import { componentMemory } from './component-health.ts';
import { CONDITIONS, type Finding, keyOfCondition, lasting, podSubject } from './condition.ts';
import type { HoldDecision, Judged } from './decision.ts';
import { memoryFindings } from './memory-findings.ts';
import { nodeFindings } from './node-findings.ts';
import { isLiving, type TargetLooks } from './patient.ts';
import type { PodFact } from './pod.ts';
import { LIMITS } from './policy.ts';
import { heldFinding, isFailure, removalFindings } from './removal-findings.ts';
import type { TargetState } from './state.ts';
import type { ComponentName, Target } from './target.ts';
import { type EpochMs, formatDuration } from './time.ts';
import { clockFindings, witnessFindings } from './witness-findings.ts';
import { workFindings } from './work-findings.ts';

/** All that one step knows of a target that was seen. */
export interface Seen {
  readonly target: Target;
  readonly state: TargetState;
  readonly looks: TargetLooks;
  readonly judged: readonly Judged[];
  readonly health: readonly ComponentHealth[];
  /** Candidates that a guard holds, each with its own hold. */
  readonly held: readonly HoldDecision[];
  readonly now: EpochMs;
}

/** Everything that is the matter with a target now, each under its subject. Pure. */
export function findingsOf(seen: Seen): readonly Finding[] {
  const { mode, watchSeverity } = seen.target.policy;
  const found = allFindings(seen);
  if (mode !== 'watch' || watchSeverity === 'critical') return found;
  return found.map((one) => (one.severity === 'critical' ? { ...one, severity: 'warning' } : one));
}

function allFindings(seen: Seen): readonly Finding[] {
  const { state, held } = seen;
  const removals = { ...seen, state: { ...state, remediations: withoutWaiting(state.remediations, held) } };
  return [
    ...removalFindings(removals),
    ...held.flatMap((hold) => heldFinding(removals, hold)),
    ...podFindings(seen),
    ...crashLoopFindings(seen),
    ...componentFindings(seen),
    ...memoryFindings(seen),
    ...companionFindings(seen),
    ...nodeFindings(seen),
    ...workFindings(seen),
    ...witnessFindings(seen),
    ...clockFindings(seen),
  ];
}

/** What is the matter with a target of which nothing could be seen. */
export function blindFinding(target: Target, why: string, now: EpochMs): Finding {
  return lasting('blind', 'target', now, `${target.id}: ${CONDITIONS.blind.title}`, `${target.id}: ${why}.`);
}

/** What lasts without costing a pod. Shared troubles have one subject, however many pods show them. */
function podFindings({ target, state, judged }: Seen): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const { patient, verdict } of judged) {
    const { cause } = verdict;
    if (isWell(cause) || rowOfCause(cause).alertAfterMs === null || !isUnwellKind(cause)) continue;
    // It is told of the node, for all that are on it.
    if (cause === 'node-sick') continue;
    const { uid, name } = patient.pod;
    const subject = subjectOf(patient.pod, verdict);
    const since = state.pods[uid]?.since ?? 0;
    const title = `${target.id}: ${CONDITIONS[cause].title}`;
    const one = lasting(
      cause,
      subject,
      since,
      title,
      `${name}: ${verdict.why}. Nothing is removed for this.`,
    );
    const key = keyOfCondition(one);
    const other = found.get(key);
    if (other === undefined || other.since > since) found.set(key, one);
  }
  return [...found.values()];
}

/** One trouble with the database is one, and one witness that a component lacks is one; the target as a whole is none of them. */
function subjectOf({ uid, component }: PodFact, { cause, rule }: Verdict): string {
  if (cause === 'database-down' || rule.startsWith('database')) return 'database';
  return cause === 'blind' ? `component ${component}` : podSubject(uid);
}

/** Between two crashes it looks well, or young; only the crashes together tell. */
function crashLoopFindings({ target, state, judged, now }: Seen): readonly Finding[] {
  return judged.flatMap(({ patient: { pod }, verdict }) => {
    const restartedAt = state.pods[pod.uid]?.restartedAt ?? [];
    const [first] = restartedAt;
    if (first === undefined || restartedAt.length < LIMITS.crashLoopRestarts) return [];
    const last = pod.container?.lastTermination;
    const ended = last == null ? '' : ` It last ended with ${last.reason} (exit code ${last.exitCode}).`;
    const one = lasting(
      'crash-loop',
      podSubject(pod.uid),
      first,
      `${target.id}: ${pod.name} crash-loops`,
      `Started anew ${restartedAt.length} times within ${formatDuration(now - first)}, now ${verdict.cause}: ${verdict.why}.${ended} Nothing is removed for this.`,
    );
    return [{ ...one, isDue: true }];
  });
}

const isUnwellKind = (cause: Cause): cause is Exclude<Cause, 'healthy' | 'idle'> => !isWell(cause);

function componentFindings({ target, state, health, judged, held, now }: Seen): readonly Finding[] {
  // What is being repaired, or held, is told of its pod already.
  const isToldOtherwise = (name: ComponentName) =>
    held.some(({ component }) => component === name) ||
    state.remediations.some(
      (past) => past.component === name && (past.outcome === null || isFailure(past, state)),
    );
  return health.flatMap(({ component, wanted, living, well }) => {
    const { name } = component;
    if (isToldOtherwise(name)) return [];
    const subject = `component ${name}`;
    const since = componentMemory(state, name).noneWellSince ?? now;
    const should = wanted === null ? 'how many there should be is not known' : `${wanted} should be there`;
    if (living === 0) {
      const title = `${target.id}: there is no ${name} pod`;
      const text = `No living pod in namespace "${target.namespace}" matches "${component.selector}"; ${should}. Look at its workload and at the selector of the target.`;
      return [lasting('none-left', subject, since, title, text)];
    }
    const sickest = judged.find(
      ({ patient, verdict }) =>
        patient.pod.component === name && isLiving(patient.pod) && !isWell(verdict.cause),
    );
    const seen =
      sickest === undefined
        ? ''
        : ` Now ${sickest.patient.pod.name} is ${sickest.verdict.cause}: ${sickest.verdict.why}.`;
    if (well === 0) {
      const title = `${target.id}: no ${name} gets well`;
      const text = `None of ${living} was seen well for ${formatDuration(now - since)}, whatever pods came and went; ${should}.${seen}`;
      const mine = judged.filter(({ patient }) => patient.pod.component === name);
      // Where nobody is convicted it is we who do not know; that is told, but wakes nobody.
      const severity = mine.every(({ verdict }) => isUnknown(verdict.cause)) ? 'warning' : 'critical';
      return [{ ...lasting('none-well', subject, since, title, text), severity }];
    }
    if (wanted === null || well >= wanted) return [];
    const title = `${target.id}: ${well} of ${wanted} ${name}s well`;
    return [
      lasting(
        'too-few',
        subject,
        now,
        title,
        `${living} are there, ${well} are well, ${wanted} should be.${seen}`,
      ),
    ];
  });
}
