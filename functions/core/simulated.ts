import { keyOfDecision } from './decision.ts';
import { isLiving } from './patient.ts';
import type { Policy } from './policy.ts';
import type { Remediation } from './remediation.ts';
import { type Replayable, replay } from './replay.ts';
import { compare, type Difference, type Differences, removedToo } from './simulated-difference.ts';
import type { Streak } from './state.ts';
import type { Concluded } from './step.ts';
import type { Target } from './target.ts';
import type { EpochMs } from './time.ts';

export interface Simulated {
  readonly target: string;
  /** Looks that were judged again, and those of them that led to the decision that was made. */
  readonly looks: number;
  readonly same: number;
  readonly differences: readonly Difference[];
  /** Looks that cannot be judged again under another policy, by reason. */
  readonly notReplayable: Readonly<Record<string, number>>;
}

export const NOT_REPLAYABLE = {
  old: 'kept by an earlier version, without what they were judged with',
  unlike: 'what is kept of them does not lead to the decision that was made',
  after: 'made of a pod that the other policy had removed by then',
  within: 'a tick had earlier looks beyond the other limit, of which only numbers are kept',
} as const;

/** What one target's looks would have led to under another policy. What cannot be known is counted, never made up. */
export function simulate(
  target: Target,
  looks: readonly (Replayable | null)[],
  policyOf: (inForce: Policy) => Policy,
): Simulated {
  const course = newCourse(target);
  for (const kept of looks) {
    if (kept === null) skip(course, 'old');
    else step(course, target, kept, policyOf(kept.recording.policy));
  }
  const { looks: judged, same, list: differences, notReplayable } = course;
  return { target: target.id, looks: judged, same, differences, notReplayable };
}

/** The other policy's own past, as far as it has parted from what was. */
interface Other {
  readonly gained: Map<string, Remediation>;
  readonly lost: Set<string>;
  /** Streaks that are not those that were recorded. */
  readonly streaks: Map<string, Streak | null>;
}

interface Course extends Differences {
  readonly other: Other;
  readonly notReplayable: Record<string, number>;
}

function step(course: Course, target: Target, kept: Replayable, policy: Policy): void {
  const { decided, facts } = kept.recording;
  const { other } = course;
  const is = replay(target, kept, policy, memoryOf(kept, other)).concluded;
  if (isCalm(kept, is, other)) {
    compare(course, kept, is.decision, is.decision);
    return;
  }
  const was = replay(target, kept).concluded;
  if (keyOfDecision(was.decision) !== decided) {
    skip(course, 'unlike');
    return;
  }
  const living = was.looked.judged.map(({ patient }) => patient.pod).filter(isLiving);
  const gone = living.find(({ uid }) => other.gained.has(uid));
  if (gone !== undefined) {
    skip(course, 'after');
    if (decided === `remove ${gone.uid}`) removedToo(course, gone.uid);
    return;
  }
  if (hidesLooks(kept, is)) skip(course, 'within');
  followStreaks(other, was, is);
  compare(course, kept, was.decision, is.decision);
  if (was.decision.kind === 'remove') removedToo(course, was.decision.uid);
  if (keyOfDecision(is.decision) === decided) return;
  if (is.decision.kind === 'remove') gain(course, is.decision.uid, is, facts.now);
  if (was.decision.kind === 'remove') other.lost.add(was.decision.uid);
}

/** Nothing has parted, and nobody is suspected under either policy: most looks are such, and need no second judgement. */
function isCalm(
  { trail = [], recording }: Replayable,
  { looked, decision }: Concluded,
  other: Other,
): boolean {
  return (
    decision.kind === 'rest' &&
    recording.decided === 'rest' &&
    trail.length === 1 &&
    trail.every(({ pods }) => pods.every(({ streak }) => streak === 0)) &&
    Object.values(looked.state.pods).every(({ streak }) => streak === null) &&
    other.streaks.size + other.gained.size === 0
  );
}

/** What was remembered, with the other policy's own removals and streaks in the place of those that were. */
function memoryOf({ recording: { memory } }: Replayable, { gained, lost, streaks }: Other) {
  const pods = Object.entries(memory.pods).map(([uid, pod]) => {
    const streak = streaks.get(uid);
    return [uid, streak === undefined ? pod : { ...pod, streak }] as const;
  });
  const remediations = [
    ...memory.remediations.filter(({ uid }) => !lost.has(uid) && !gained.has(uid)),
    ...gained.values(),
  ].toSorted((a, b) => a.intendedAt - b.intendedAt);
  return { ...memory, pods: Object.fromEntries(pods), remediations };
}

/** A streak that is what it was needs no memory of its own: then also the looks count that were made in between. */
function followStreaks({ streaks }: Other, was: Concluded, is: Concluded): void {
  for (const [uid, { streak }] of Object.entries(is.looked.state.pods)) {
    const isSame = JSON.stringify(streak) === JSON.stringify(was.looked.state.pods[uid]?.streak ?? null);
    if (isSame) streaks.delete(uid);
    else streaks.set(uid, streak);
  }
}

/** An earlier look of the same tick saw a silence between the limit that was and the other one. */
function hidesLooks({ trail = [] }: Replayable, { looked }: Concluded): boolean {
  const limits = new Map(looked.judged.map(({ patient: { pod, limit } }) => [pod.uid, limit.limitMs]));
  return trail.slice(0, -1).some(({ pods }) =>
    pods.some(({ uid, silentMs, limitMs }) => {
      const other = limits.get(uid) ?? limitMs;
      return silentMs !== null && silentMs > other !== silentMs > limitMs;
    }),
  );
}

function newCourse(target: Target): Course {
  return {
    target: target.id,
    other: { gained: new Map(), lost: new Set(), streaks: new Map() },
    list: [],
    notReplayable: {},
    looks: 0,
    same: 0,
    lasting: null,
  };
}

function skip({ notReplayable }: Course, reason: keyof typeof NOT_REPLAYABLE): void {
  notReplayable[reason] = (notReplayable[reason] ?? 0) + 1;
}

/** What is gained is as if it had been answered and had cured: what would have come of it cannot be known. */
function gain({ other }: Course, uid: string, { state }: Concluded, now: EpochMs): void {
  const made = state.remediations.findLast((one) => one.uid === uid);
  if (made === undefined) return;
  const detail = 'would have been removed';
  const answer = { kind: 'deleted', status: null, detail, at: now } as const;
  const outcome = { kind: 'recovered', at: now, detail, replacement: null } as const;
  other.gained.set(uid, { ...made, answer, outcome });
}
