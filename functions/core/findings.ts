import { type Cause, isUnknown, isWell, rowOfCause } from './cause.ts';
import type { ComponentHealth } from './component.ts';
import { componentMemory } from './component.ts';
import { CONDITIONS, type ConditionKind, type Finding } from './condition.ts';
import type { HoldDecision, Judged } from './decision.ts';
import { isLiving, type TargetLooks } from './patient.ts';
import { LIMITS } from './policy.ts';
import { heldFinding, isFailure, removalFindings } from './removal-findings.ts';
import type { TargetState } from './state.ts';
import type { ComponentName, Target } from './target.ts';
import { type EpochMs, formatDuration } from './time.ts';

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
  return [
    ...removalFindings(seen),
    ...seen.held.flatMap((hold) => heldFinding(seen, hold)),
    ...podFindings(seen),
    ...componentFindings(seen),
    ...witnessFindings(seen),
    ...clockFindings(seen),
  ];
}

/** What is the matter with a target of which nothing could be seen. */
export function blindFinding(target: Target, why: string, now: EpochMs): Finding {
  return lasting('blind', 'target', now, `${target.id}: ${CONDITIONS.blind.title}`, `${target.id}: ${why}.`);
}

function lasting(kind: ConditionKind, subject: string, since: EpochMs, title: string, text: string): Finding {
  const { severity } = CONDITIONS[kind];
  return { kind, subject, since, severity, stage: 'lasting', isDue: false, title, text };
}

/** What lasts without costing a pod. Shared troubles have one subject, however many pods show them. */
function podFindings({ target, state, judged }: Seen): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const { patient, verdict } of judged) {
    const { cause } = verdict;
    if (isWell(cause) || rowOfCause(cause).alertAfterMs === null || !isUnwellKind(cause)) continue;
    const { uid, name } = patient.pod;
    const isShared = cause === 'database-down' || cause === 'blind';
    const subject = isShared ? (cause === 'blind' ? 'target' : 'database') : `pod ${uid}`;
    const since = state.pods[uid]?.since ?? 0;
    const title = `${target.id}: ${CONDITIONS[cause].title}`;
    const one = lasting(
      cause,
      subject,
      since,
      title,
      `${name}: ${verdict.why}. Nothing is removed for this.`,
    );
    const other = found.get(`${cause} ${subject}`);
    if (other === undefined || other.since > since) found.set(`${cause} ${subject}`, one);
  }
  return [...found.values()];
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

/** A witness that was there and does not answer now: what it would have seen is not seen meanwhile. */
function witnessFindings({ target, state, looks, now }: Seen): readonly Finding[] {
  const { proven } = state;
  const lost = (
    name: string,
    look: { readonly kind: string; readonly detail?: string } | null,
    unseen: string,
  ) =>
    look === null || look.kind === 'answered'
      ? []
      : [
          lasting(
            'witness-lost',
            `witness ${name}`,
            now,
            `${target.id}: the witness "${name}" is gone`,
            `It answered before and does not now: ${look.detail ?? look.kind}. Meanwhile ${unseen}.`,
          ),
        ];
  // While the database itself is down that is the news, not each thing read from it.
  const databaseAnswers = looks.jobs?.kind === 'answered';
  return [
    ...(proven.progress !== null && databaseAnswers
      ? lost('progress', looks.progress, 'a stall with a fresh heartbeat is not seen')
      : []),
    ...(proven.locks !== null && databaseAnswers
      ? lost('locks', looks.locks, 'who waits for whose lock is not seen')
      : []),
    ...(proven.kubelet !== null
      ? lost('kubelet', looks.kubelet, 'exec probes that cannot be started and memory are not seen')
      : []),
  ];
}

/** Our clock is measured against those of the API server and the database, and never judged with. */
function clockFindings({ target, looks, judged, now }: Seen): readonly Finding[] {
  const found: Finding[] = [];
  const differs = (subject: string, offMs: number, what: string) => {
    if (Math.abs(offMs) < LIMITS.clockSkewMs) return;
    const by = `${formatDuration(Math.abs(offMs))} ${offMs > 0 ? 'ahead' : 'behind'}`;
    found.push(
      lasting(
        'clocks-differ',
        subject,
        now,
        `${target.id}: clocks differ`,
        `${what} is ${by}. Nothing is judged by it.`,
      ),
    );
  };
  if (looks.serverNow !== null)
    differs('clock watchdog', looks.at - looks.serverNow, "the watchdog's clock, by the API server's,");
  if (looks.jobs?.kind === 'answered' && looks.jobs.databaseNow !== null && looks.serverNow !== null)
    differs(
      'clock database',
      looks.jobs.databaseNow - looks.serverNow,
      "the database's clock, by the API server's,",
    );
  for (const { patient } of judged) {
    const { beat, pod } = patient;
    // Only a moving heartbeat tells the offset of its clock.
    if (beat === null || beat.movedAt === null) continue;
    differs(
      `clock ${pod.name}`,
      -beat.offsetMs,
      `the clock behind the heartbeats of ${pod.name}, or the copy they are read from,`,
    );
  }
  return found;
}
