import { type RemovableCause, rowOfCause } from './cause.ts';
import { type Finding, podSubject } from './condition.ts';
import type { HoldDecision, Judged } from './decision.ts';
import { lastLifeOf } from './intent.ts';
import type { Severity } from './notification.ts';
import { hadNoEffect, type Remediation, tookEffect } from './remediation.ts';
import type { TargetState } from './state.ts';
import type { Target } from './target.ts';
import { type EpochMs, isoOf } from './time.ts';

interface Story {
  readonly target: Target;
  readonly state: TargetState;
  readonly judged: readonly Judged[];
  readonly now: EpochMs;
}

/** What became of removals, until it is made good. */
export function removalFindings({ target, state, now }: Story): readonly Finding[] {
  return state.remediations.flatMap((past) => {
    if (past.outcome === null) return openRemoval(target, past);
    // A run that died between its delete and its alert: the removal is told before its end is.
    const justEnded = past.outcome.kind === 'recovered' && past.outcome.at === now;
    if (justEnded && !isTold(past, state)) return openRemoval(target, past);
    return isFailure(past, state) ? failedRemoval(target, past) : [];
  });
}

function isTold(past: Remediation, { conditions }: TargetState): boolean {
  return conditions.some(({ subject, told }) => subject === podSubject(past.uid) && told !== null);
}

/** A removal that cured nothing stays the matter until the component is well again, or a person has let it go. */
export function isFailure(past: Remediation, { resumedAt }: TargetState): boolean {
  if (past.outcome === null || past.outcome.kind === 'recovered' || past.curedAt !== null) return false;
  return resumedAt === null || resumedAt < past.outcome.at;
}

function removalBase(past: Remediation) {
  return {
    kind: past.cause,
    subject: podSubject(past.uid),
    since: Math.min(past.lastAliveAt ?? past.firstBadAt, past.firstBadAt),
    severity: severityOf(past.cause),
    isDue: true,
  };
}

/** A planned removal wakes nobody. */
function severityOf(cause: RemovableCause): Severity {
  return rowOfCause(cause).class === 'on-request' ? rowOfCause(cause).severity : 'critical';
}

function openRemoval(target: Target, past: Remediation): Finding {
  const base = removalBase(past);
  if (past.answer === null) {
    const title = `${target.id}: ${past.component} ${past.cause}, removing ${past.pod}`;
    const text = `${past.pod}: ${past.why}. The pod is being removed by uid with its own grace period.`;
    return { ...base, stage: 'removing', title, text, isDue: false };
  }
  if (tookEffect(past)) {
    const what = past.answer.kind === 'deleted' ? 'was removed' : `was ${past.answer.kind}`;
    return {
      ...base,
      stage: 'removed',
      title: `${target.id}: ${past.component} ${past.cause}, ${past.pod} ${what}, waiting for proof`,
      text: `${past.pod}: ${past.why}. The replacement must run, write its own job row and beat before this is resolved.`,
    };
  }
  return {
    ...base,
    stage: `answer:${past.answer.kind}`,
    title: `${target.id}: removal of ${past.pod} ${past.answer.kind}`,
    text: `${past.pod}: ${past.why}. Kubernetes did not remove it: ${past.answer.detail.replace(/\.?$/, '.')} ${afterRefusal(target, past)}`,
  };
}

function afterRefusal({ policy }: Target, past: Remediation): string {
  if (!hadNoEffect(past)) return 'It may still take effect.';
  // The intent has spent the approval.
  const next =
    policy.mode === 'ask' ? 'it waits for another approval' : 'it is tried again with the next tick';
  return `Nothing was removed, so there is no cool-down: ${next}.`;
}

function failedRemoval(target: Target, past: Remediation): Finding[] {
  if (past.outcome === null) return [];
  if (!tookEffect(past)) {
    const title = `${target.id}: removal of ${past.pod} was not carried out`;
    const text = `${past.pod} was ${past.cause}. ${past.outcome.detail.replace(/\.?$/, '.')} It is tried again once every guard lets it.`;
    return [{ ...removalBase(past), stage: `undone:${past.answer?.kind ?? 'unanswered'}`, title, text }];
  }
  return [
    {
      ...removalBase(past),
      severity: 'critical',
      stage: `outcome:${past.outcome.kind}`,
      title: `${target.id}: ${past.outcome.kind}, a person is needed`,
      text: `${past.pod} was ${past.cause} and its removal was meant ${isoOf(past.intendedAt)}. ${past.outcome.detail}. Nothing is removed for the same cause before something recovers or a person resumes it.`,
    },
  ];
}

/** A removal that a guard holds. */
export function heldFinding({ target, state, judged, now }: Story, hold: HoldDecision): readonly Finding[] {
  if (hold.uid === undefined || hold.cause === undefined) return [];
  // Once a removal took effect its own story goes on under the same subject.
  const { uid } = hold;
  if (
    state.remediations.some((past) => past.uid === uid && (past.outcome === null || isFailure(past, state)))
  )
    return [];
  const memory = state.pods[uid];
  const entry = judged.find(({ patient }) => patient.pod.uid === uid);
  const lastLife = entry === undefined ? null : lastLifeOf(entry, now);
  return [
    {
      kind: hold.cause,
      subject: podSubject(uid),
      since: Math.min(lastLife ?? now, memory?.streak?.firstAt ?? memory?.since ?? now),
      severity: severityOf(hold.cause),
      stage: `hold:${hold.code}`,
      isDue: true,
      title: `${target.id}: ${hold.component} ${hold.cause}, ${heldWords(hold)}`,
      text: `${hold.pod}: ${memory?.why ?? hold.why}. Not removed: ${hold.why}.${howToLetGo(target, hold)}`,
    },
  ];
}

function heldWords({ code, pod }: HoldDecision): string {
  switch (code) {
    case 'watch-mode':
    case 'not-acting':
      return `would have removed ${pod}`;
    case 'awaiting-approval':
      return `the removal of ${pod} waits for approval`;
    default:
      return `removal held (${code})`;
  }
}

function howToLetGo({ id }: Target, { code, pod }: HoldDecision): string {
  return code === 'awaiting-approval'
    ? ` To let it go: \`scheduler-watchdog approve ${id} --pod ${pod}\`.`
    : '';
}
