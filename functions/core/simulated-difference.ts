import { type Decision, keyOfDecision } from './decision.ts';
import type { HoldCode } from './guards.ts';
import type { Replayable } from './replay.ts';

/** One decision that another policy would have made otherwise. */
export interface Difference {
  /** `removal-perhaps`: nothing held it but guards whose facts no tick had asked for. */
  readonly kind: 'removal-gained' | 'removal-perhaps' | 'removal-lost' | 'removal-sooner' | 'hold';
  readonly target: string;
  readonly tick: string;
  readonly pod: string | null;
  /** What was decided, and what would have been, by `keyOfDecision`. */
  readonly was: string;
  readonly is: string;
  readonly why: string;
  /** For how many ticks on end. */
  readonly ticks: number;
}

/** What differed so far. */
export interface Differences {
  readonly target: string;
  readonly list: Difference[];
  looks: number;
  same: number;
  /** The difference that goes on if the next look has the same: one that lasts is one. */
  lasting: number | null;
}

/** The pod was removed in truth as well, only later. */
export function removedToo({ list }: Differences, uid: string): void {
  const isSooner = ({ kind, is }: Difference) =>
    is.endsWith(` ${uid}`) && (kind === 'removal-perhaps' || kind === 'removal-gained');
  for (const [at, one] of list.entries()) if (isSooner(one)) list[at] = { ...one, kind: 'removal-sooner' };
}

/** Only what looks sick is asked about its workload, and only what may go about its tasks: facts that may be missing here. */
function isUnasked(decision: Decision, { looks, recording }: Replayable): boolean {
  if (decision.kind !== 'hold' || decision.uid === undefined) return false;
  const { uid, holds } = decision;
  const missing: Partial<Record<HoldCode, boolean>> = {
    'rolling-out': looks.workloads?.[uid] === undefined,
    'tasks-running': recording.facts.tasksRunning[uid] === undefined,
    'not-quiet': recording.facts.tasksRunning[uid] === undefined,
  };
  return holds.every(({ code }) => missing[code] === true);
}

/** One look under both policies. */
export function compare(course: Differences, kept: Replayable, was: Decision, is: Decision): void {
  const { list, lasting } = course;
  const between = {
    tick: kept.tick,
    target: course.target,
    was: keyOfDecision(was),
    is: keyOfDecision(is),
    ticks: 1,
  };
  course.looks += 1;
  if (between.was === between.is) {
    course.same += 1;
    course.lasting = null;
    return;
  }
  const last = lasting === null ? undefined : list[lasting];
  if (lasting !== null && last?.was === between.was && last.is === between.is) {
    list[lasting] = { ...last, ticks: last.ticks + 1 };
    return;
  }
  course.lasting = is.kind === 'remove' ? null : list.length;
  if (was.kind === 'remove') list.push({ ...between, kind: 'removal-lost', pod: was.pod, why: whyOf(is) });
  if (is.kind === 'remove') list.push({ ...between, kind: 'removal-gained', pod: is.pod, why: is.why });
  if (was.kind !== 'remove' && is.kind !== 'remove')
    list.push({
      ...between,
      kind: isUnasked(is, kept) ? 'removal-perhaps' : 'hold',
      pod: podOf(is) ?? podOf(was),
      why: whyOf(is),
    });
}

const whyOf = (decision: Decision): string =>
  decision.kind === 'rest' ? 'nothing would have been the matter' : decision.why;

const podOf = (decision: Decision): string | null =>
  decision.kind === 'rest' ? null : (decision.pod ?? null);
