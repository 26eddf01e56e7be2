import { type Cause, isUnknown, isWell, rowOfCause } from './cause.ts';
import type { ComponentHealth } from './component.ts';
import { componentMemory } from './component.ts';
import { CONDITIONS, type ConditionKind, type Finding } from './condition.ts';
import type { HoldDecision, Judged } from './decision.ts';
import { isLiving, type TargetLooks } from './patient.ts';
import { LIMITS } from './policy.ts';
import { type Remediation, tookEffect } from './remediation.ts';
import type { TargetState } from './state.ts';
import type { ComponentName, Target } from './target.ts';
import { type EpochMs, formatDuration, isoOf } from './time.ts';

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

function removalFindings({ target, state, now }: Seen): readonly Finding[] {
  return state.remediations.flatMap((past) => {
    if (past.outcome === null) return openRemoval(target, past);
    // A run that died between its delete and its alert: the removal is told before its end is.
    const justEnded = past.outcome.kind === 'recovered' && past.outcome.at === now;
    if (justEnded && !isTold(past, state)) return openRemoval(target, past);
    return isFailure(past, state) ? failedRemoval(target, past) : [];
  });
}

function isTold(past: Remediation, { conditions }: TargetState): boolean {
  return conditions.some(({ subject, told }) => subject === `pod ${past.uid}` && told !== null);
}

/** A removal that cured nothing stays the matter until the component is well again, or a person has let it go. */
function isFailure(past: Remediation, { resumedAt }: TargetState): boolean {
  if (past.outcome === null || past.outcome.kind === 'recovered' || past.curedAt !== null) return false;
  return resumedAt === null || resumedAt < past.outcome.at;
}

function removalBase(past: Remediation) {
  return {
    kind: past.cause,
    subject: `pod ${past.uid}`,
    since: past.lastAliveAt ?? past.firstBadAt,
    severity: 'critical' as const,
    isDue: true,
  };
}

function openRemoval(target: Target, past: Remediation): Finding {
  const base = removalBase(past);
  if (past.answer === null) {
    const title = `${target.id}: ${past.component} ${past.cause}, removing ${past.pod}`;
    const text = `${past.why}. The pod is being removed by uid with its own grace period.`;
    return { ...base, stage: 'removing', title, text, isDue: past.attempts > 1 };
  }
  if (tookEffect(past)) {
    const what = past.answer.kind === 'deleted' ? 'was removed' : `was ${past.answer.kind}`;
    return {
      ...base,
      stage: 'removed',
      title: `${target.id}: ${past.component} ${past.cause}, ${past.pod} ${what}, waiting for proof`,
      text: `${past.why}. The replacement must run, write its own job row and beat before this is resolved.`,
    };
  }
  return {
    ...base,
    stage: `answer:${past.answer.kind}`,
    title: `${target.id}: removal of ${past.pod} ${past.answer.kind}`,
    text: `${past.why}. Kubernetes did not remove it: ${past.answer.detail}`,
  };
}

function failedRemoval(target: Target, past: Remediation): Finding[] {
  if (past.outcome === null) return [];
  return [
    {
      ...removalBase(past),
      stage: `outcome:${past.outcome.kind}`,
      title: `${target.id}: ${past.outcome.kind}, a person is needed`,
      text: `${past.pod} was ${past.cause} and its removal was meant ${isoOf(past.intendedAt)}. ${past.outcome.detail}. Nothing is removed for the same cause before something recovers or a person resumes it.`,
    },
  ];
}

function heldFinding({ target, state }: Seen, hold: HoldDecision): Finding[] {
  if (hold.uid === undefined || hold.cause === undefined) return [];
  // Once a removal took effect its own story goes on under the same subject.
  const { uid } = hold;
  if (
    state.remediations.some((past) => past.uid === uid && (past.outcome === null || isFailure(past, state)))
  )
    return [];
  const memory = state.pods[uid];
  const wouldHave = hold.code === 'watch-mode' || hold.code === 'not-acting';
  return [
    {
      kind: hold.cause,
      subject: `pod ${uid}`,
      since: memory?.streak?.firstAt ?? memory?.since ?? 0,
      severity: 'critical',
      stage: `hold:${hold.code}`,
      isDue: true,
      title: wouldHave
        ? `${target.id}: ${hold.component} ${hold.cause}, would have removed ${hold.pod}`
        : `${target.id}: ${hold.component} ${hold.cause}, removal held (${hold.code})`,
      text: `${hold.pod}: ${memory?.why ?? hold.why}. Not removed: ${hold.why}.`,
    },
  ];
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
