import { type EpochMs, SECOND_MS } from '../../../functions/core/time.ts';
import type { WorkFacts, WorkGroup } from '../../../functions/core/work.ts';
import { mixed, randomOf } from '../random.ts';
import { isUp } from './hinder.ts';
import type { SimPod, SimTarget } from './model.ts';
import { busySince } from './progress-look.ts';

/** Every slot one scheduler takes the task of that time. */
const SLOT_MS = 20 * SECOND_MS;
/** The longest that a task runs, in slots. */
const LONGEST_SLOTS = 9;
/** As many tasks as an executor has slots: after that a scheduler that starts none queues none. */
const PARALLELISM = 16;
/** Airflow takes back what was queued for so long, and queues it anew. */
const TAKEN_BACK_MS = 610 * SECOND_MS;
const AGED_MS = 300 * SECOND_MS;

interface Hand {
  readonly pod: SimPod;
  /** Ages of its tasks, and whether they run. */
  readonly queued: readonly number[];
  readonly running: readonly number[];
}

/** Who has which tasks in hand, as the database that is asked knows it. */
export function workOf(target: SimTarget, at: EpochMs, known: EpochMs): WorkFacts {
  if (target.traffic.kind === 'idle') return NOTHING;
  const takers = target.pods.filter(takes);
  const recent = recentOf(target, takers, known);
  const hands = takers.map((pod) => handOf(target, pod, takers, recent, known));
  const groups = hands.flatMap((hand) => groupsOf(target, hand, at - known));
  const isAnyWorking = hands.some(({ running }) => running.length > 0);
  const overtaken = hands.flatMap(({ pod, queued }) => {
    const aged = queued.filter((age) => age >= AGED_MS).length;
    // The same task of a peer is seen to run now and then.
    const isSeen = randomOf(mixed(target.index, pod.jobId, Math.floor(known / SLOT_MS))).chance(0.4);
    return pod.wedge?.kind === 'starts-nothing' && isAnyWorking && isSeen && aged > 0
      ? [{ jobId: pod.jobId, tasks: Math.min(aged, 3), dags: Math.min(2, aged) }]
      : [];
  });
  return { groups, overtaken, unread: null };
}

const NOTHING: WorkFacts = { groups: [], overtaken: [], unread: null };

interface Taken {
  readonly at: EpochMs;
  readonly taker: SimPod;
}

/** What was taken lately and, if it was started, runs. */
function recentOf(target: SimTarget, takers: readonly SimPod[], known: EpochMs): readonly Taken[] {
  const recent: Taken[] = [];
  for (let back = 0; back < LONGEST_SLOTS; back += 1) {
    const slot = Math.floor(known / SLOT_MS) - back;
    const at = slot * SLOT_MS;
    const taker = takerOf(target, takers, slot);
    if (taker === null) continue;
    const lastsMs = randomOf(mixed(target.index, slot, 5)).spread(0.2, LONGEST_SLOTS) * SLOT_MS;
    if (known - at < lastsMs) recent.push({ at, taker });
  }
  return recent;
}

/** Who takes work from the table, whatever becomes of it. */
const takes = (pod: SimPod): boolean =>
  pod.component === 'scheduler' && isUp(pod) && (pod.wedge === null || pod.wedge.kind === 'starts-nothing');

function handOf(
  target: SimTarget,
  pod: SimPod,
  takers: readonly SimPod[],
  recent: readonly Taken[],
  known: EpochMs,
): Hand {
  const goneAt = pod.wedge?.kind === 'starts-nothing' ? pod.wedge.at : target.traffic.workersGoneAt;
  const queued: number[] = [];
  const running: number[] = [];
  const first = Math.max(pod.beat.goesOnAt, goneAt ?? Number.NEGATIVE_INFINITY, known - 60 * 60_000);
  for (let slot = Math.ceil(first / SLOT_MS); goneAt !== null && slot * SLOT_MS <= known; slot += 1) {
    if (queued.length >= PARALLELISM) break;
    if (takerOf(target, takers, slot) === pod) queued.push((known - slot * SLOT_MS) % TAKEN_BACK_MS);
  }
  // What it had started goes on.
  for (const { at, taker } of recent)
    if (taker === pod && at >= pod.beat.goesOnAt && (goneAt === null || at < goneAt))
      running.push(known - at);
  return { pod, queued, running };
}

/** null: there was no work in that slot. Where schedulers are uneven the first takes next to nothing. */
function takerOf(target: SimTarget, takers: readonly SimPod[], slot: number): SimPod | null {
  if (busySince(target, slot * SLOT_MS) === null || target.decisions.stopped || target.queueing.stopped)
    return null;
  const random = randomOf(mixed(target.index, slot));
  if (!random.chance(0.8)) return null;
  const isUneven = target.traffic.unevenAt !== null && takers.length > 1;
  const from = isUneven && !random.chance(0.15) ? takers.slice(1) : takers;
  return random.pick(from);
}

/** Ages as written by the clock of the scheduler's node. */
function groupsOf(target: SimTarget, { pod, queued, running }: Hand, lateMs: number): readonly WorkGroup[] {
  const offMs = lateMs + target.database.skewMs - pod.node.skewMs;
  const seconds = (ms: number) => (ms + offMs) / SECOND_MS;
  const aged = queued.filter((age) => age + offMs >= AGED_MS);
  const base = { jobId: pod.jobId, queue: 'default', agedTasks: 0, agedDags: 0, youngestAgedSeconds: null };
  const groups: WorkGroup[] = [];
  if (queued.length > 0)
    groups.push({
      ...base,
      state: 'queued',
      tasks: queued.length,
      oldestQueuedSeconds: seconds(Math.max(...queued)),
      newestQueuedSeconds: seconds(Math.min(...queued)),
      newestStartSeconds: null,
      agedTasks: aged.length,
      agedDags: Math.min(2, aged.length),
      youngestAgedSeconds: aged.length === 0 ? null : seconds(Math.min(...aged)),
    });
  if (running.length > 0)
    groups.push({
      ...base,
      state: 'running',
      tasks: running.length,
      oldestQueuedSeconds: seconds(Math.max(...running)),
      newestQueuedSeconds: seconds(Math.min(...running)),
      // Written by the worker, whose clock is right.
      newestStartSeconds: (Math.min(...running) + lateMs + target.database.skewMs) / SECOND_MS - 2,
    });
  return groups;
}
