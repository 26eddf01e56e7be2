import { type HandMemory, rememberHand } from './hand-memory.ts';
import type { Look, ProgressFacts } from './observation.ts';
import { LIMITS, type Policy } from './policy.ts';
import { openWork, type Standstill, standstillOf } from './standstill.ts';
import { SECOND_MS } from './time.ts';
import { type InHand, inHand, type WorkFacts } from './work.ts';

/** One living scheduler, as far as its tasks can be told from its peers'. */
export interface Hand {
  readonly uid: string;
  /** null: its row in `job` is not known, and so neither are its tasks. */
  readonly jobId: number | null;
  readonly isFresh: boolean;
  /** It beats as always, and so does the database. */
  readonly isCalm: boolean;
  readonly memory: HandMemory | null;
}

export interface Handiwork {
  /** What is known by now, this look included; null where nothing tells. */
  readonly hand: HandMemory | null;
  readonly standstill: Standstill | null;
  /** What of it could not be read this time, and why; null: nothing is missing. */
  readonly workUnread: string | null;
}

/** What a scheduler does beside its peers. Whoever cannot be compared with each of them is not judged. */
export function handiworkOf(
  own: Hand,
  hands: readonly Hand[],
  looks: { readonly work: Look<WorkFacts> | null; readonly progress: Look<ProgressFacts> | null },
  policy: Policy,
): Handiwork {
  const { work, progress } = looks;
  const workUnread = unreadOf(work);
  if (work?.kind !== 'answered' || progress?.kind !== 'answered' || own.jobId === null)
    return { hand: own.memory, standstill: null, workUnread };
  const inHandOf = (jobId: number): InHand => inHand(work.groups.filter((group) => group.jobId === jobId));
  const others = hands.filter(({ uid }) => uid !== own.uid);
  const peers = others.flatMap(({ jobId, isFresh }) => (jobId === null || !isFresh ? [] : [inHandOf(jobId)]));
  const mine = inHandOf(own.jobId);
  const overtaken = work.overtaken?.find(({ jobId }) => jobId === own.jobId);
  const memory = rememberHand(own.memory, {
    own: mine,
    peers,
    isOvertaken:
      overtaken !== undefined &&
      overtaken.tasks >= LIMITS.overtakenLeast &&
      (overtaken.dags >= 2 || progress.liveDags === 1),
    waits: openWork(progress, LIMITS.openWorkLeastMs / SECOND_MS) !== null,
    isCalm: own.isCalm,
    at: work.at,
  });
  const isComparable = own.isFresh && peers.length === others.length;
  const standstill = isComparable
    ? standstillOf({ memory, own: mine, peers, progress, policy, at: work.at })
    : null;
  return { hand: memory, standstill, workUnread };
}

function unreadOf(work: Look<WorkFacts> | null): string | null {
  if (work === null) return null;
  if (work.kind !== 'answered') return `who has which tasks: ${work.detail}`;
  return work.unread === null ? null : `whose tasks are overtaken: ${work.unread}`;
}
