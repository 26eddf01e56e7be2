import { SECOND_MS } from '../../../functions/core/time.ts';
import { lastOf } from '../world/beater.ts';
import { HINDRANCES, type SimPod, type SimTarget, type World } from '../world/model.ts';

/**
 * What the world knows of a pod that is about to be removed. `working`: it works, or is kept from it by what no removal
 * cures. `wedged`: only a removal cures it. `unknowable`: it works, but nothing that anybody outside could see tells it
 * from a wedged one, or its own policy asks for this removal. `lost`: its node is gone, a removal does no harm.
 */
export type Standing = 'working' | 'wedged' | 'unknowable' | 'lost';

/** Who lives beats again within this time once nothing hinders it. */
const RECONNECT_MS = 15 * SECOND_MS;
/** `auto` may never believe in less than this: an unseen outage of a minute, its after-pains, and Airflow 3's late row. */
const AUTO_TOLERATES_MS = 85 * SECOND_MS;

export function standingOf(world: World, target: SimTarget, pod: SimPod): Standing {
  if (pod.wedge !== null) return 'wedged';
  if ((pod.hindered & HINDRANCES.node) !== 0) return 'lost';
  return UNKNOWABLE.some((isSo) => isSo(target, pod, world.loop.now())) ? 'unknowable' : 'working';
}

type Test = (target: SimTarget, pod: SimPod, now: number) => boolean;

const hasDatabase = (target: SimTarget) =>
  target.document.database !== null && target.database.denied !== 'all';
const hasWeb = (target: SimTarget) => target.document.health.some(({ kind }) => kind === 'url');
const peersOf = (target: SimTarget, pod: SimPod) =>
  target.pods.filter((one) => one !== pod && one.component === pod.component && one.container === 'running');

function toleratedMs({ document: { policy } }: SimTarget): number {
  return policy.heartbeatLimitMs === 'auto' ? AUTO_TOLERATES_MS : policy.heartbeatLimitMs - 15 * SECOND_MS;
}

/** A loop longer than the limit (its row is seen twice as old on Airflow 3), and no decision is seen meanwhile. */
const longSilentLoop: Test = (target, pod, now) => {
  if (pod.component !== 'scheduler' || target.slow === null) return false;
  const oldestMs = target.slow.periodMs * 1.1 * (target.airflow === '2' ? 1 : 2);
  // Its own health server says 503 from 30 s on; on Airflow 3, which writes each beat one late, all the time.
  const ownSays = !hasDatabase(target) && target.airflow !== '2' ? 30 * SECOND_MS : Number.POSITIVE_INFINITY;
  if (oldestMs < Math.min(toleratedMs(target), ownSays)) return false;
  const isSeenMoving =
    hasDatabase(target) && target.database.denied === 'none' && target.traffic.kind === 'busy';
  // Decisions are the deployment's: where a peer has beaten lately they may all be its own.
  const isPeerFresh = peersOf(target, pod).some((peer) => now - lastOf(peer.beat, now) < toleratedMs(target));
  return target.slow.silent || !isSeenMoving || isPeerFresh;
};

/** It came back while the delete was on its way. */
const justBack: Test = (_target, pod, now) => now - pod.backAt < RECONNECT_MS;

/** The policy wants pods gone that cannot start their probes for want of memory. */
const policyAsksForIt: Test = ({ document }, pod) =>
  document.policy.starving === 'remove' &&
  pod.probesErrAt !== null &&
  pod.memoryShare > 0.84 &&
  pod.memoryShare < 1;

/** There is one live DAG, and it is the broken one. */
const onlyDagIsBroken: Test = ({ traffic }) =>
  traffic.liveDags === 1 && (traffic.brokenAt !== null || traffic.overdueAt !== null);

/** Writes fail, or did until a moment ago, reads do not, and there is no second row that stops at the same time. */
const readOnlyAlone: Test = (target, _pod, now) => {
  const { mode, writableSince } = target.database;
  const isJustBack = now - writableSince < RECONNECT_MS;
  if (mode !== 'read-only' && mode !== 'locked' && !(isJustBack && !hasDatabase(target))) return false;
  if (!hasDatabase(target)) return true;
  return mode === 'read-only' && target.pods.filter((one) => one.container === 'running').length < 2;
};

/** Who waits for whom cannot be read. */
const locksUnseen: Test = (target) =>
  target.pods.some((pod) => (pod.hindered & HINDRANCES.locks) !== 0) &&
  (!hasDatabase(target) || !target.database.locksReadable);

/** Its own health endpoint is the only witness, and that is silent, or says what it says of a sick database. */
const onlyWitnessIsSilent: Test = (target, pod, now) => {
  if (hasDatabase(target) || hasWeb(target)) return false;
  if (pod.deaf) return true;
  const isShared = target.api.proxyCut || target.database.mode === 'frozen';
  const wasTried = target.removals.some(({ at }) => now - at < 6 * 3_600_000);
  return isShared && peersOf(target, pod).length === 0 && !wasTried;
};

/** Airflow's own list of living instances leaves out who has a wrong clock. */
const leftOutByClock: Test = (target, pod) =>
  !hasDatabase(target) &&
  hasWeb(target) &&
  Math.abs(pod.node.skewMs - target.database.skewMs) > 15 * SECOND_MS;

const UNKNOWABLE: readonly Test[] = [
  longSilentLoop,
  justBack,
  policyAsksForIt,
  onlyDagIsBroken,
  readOnlyAlone,
  locksUnseen,
  onlyWitnessIsSilent,
  leftOutByClock,
];
