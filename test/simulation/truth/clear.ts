import { LIMITS } from '../../../functions/core/policy.ts';
import { type DurationMs, MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { HINDRANCES, type SimPod, type SimTarget, type World } from '../world/model.ts';
import { workloadOf } from '../world/pods.ts';
import { functions } from './unwell.ts';

const AFTER_TROUBLE_MS = 5 * MINUTE_MS;

/** Nothing honest stands in the way of removing this wedged pod: no other trouble here, in the fleet or of the watchdog's own. */
export function isClear(world: World, target: SimTarget, pod: SimPod): boolean {
  const now = world.loop.now();
  const { document, intents, workloads } = target;
  const { policy } = document;
  if (target.listed !== 'yes' || policy.mode !== 'remediate' || policy.tasksRunning === 'hold') return false;
  if (pod.owner === null || !pod.labelled || pod.terminatingAt !== null) return false;
  if (
    workloads.some(({ rollingOut, paused, coming }) => rollingOut !== null || paused !== null || coming > 0)
  )
    return false;
  if (pod.startedAt === null || now - pod.startedAt < policy.startupGraceMs + 10 * MINUTE_MS) return false;
  if (intents.some(({ at }) => now - at < policy.cooldownMs + MINUTE_MS)) return false;
  if (intents.filter(({ at }) => now - at < policy.budget.perMs).length >= policy.budget.removals)
    return false;
  if (now - target.troubleEndedAt < AFTER_TROUBLE_MS || now - world.watchdog.lastBadAt < AFTER_TROUBLE_MS)
    return false;
  if ([...target.active].some((one) => !one.isWedge && !one.isHarmless)) return false;
  if ([...world.active].some((one) => !one.isHarmless)) return false;
  if (target.pods.some((one) => one !== pod && !isFineBeside(one, pod, now))) return false;
  return sickTargets(world) <= 2;
}

/** The others of the target work, or wait for this one's locks. */
function isFineBeside(other: SimPod, pod: SimPod, now: number): boolean {
  if (functions(other, now)) return true;
  return pod.wedge?.kind === 'holding' && other.wedge === null && other.hindered === HINDRANCES.locks;
}

function sickTargets(world: World): number {
  const now = world.loop.now();
  let count = 0;
  for (const target of world.targets)
    if (target.unwell.size > 0 || now - target.unwellAt < 15 * MINUTE_MS) count += 1;
  return count;
}

/** How long a wedge with nothing in the way may last before it counts as missed; null where no witness convicts it. */
export function dueAfterMs(target: SimTarget, pod: SimPod, everyMs: DurationMs): DurationMs | null {
  const { document, traffic } = target;
  const { policy } = document;
  const slackMs = 5 * MINUTE_MS + 2 * everyMs;
  const kind = pod.wedge?.kind;
  if (
    workloadOf(target, pod.component).kind === 'none' ||
    !document.components.some(({ name }) => name === pod.component)
  )
    return null;
  if (kind === 'stalled' || kind === 'no-queue') {
    const isSeen = document.database !== null && traffic.kind === 'busy' && traffic.liveDags > 1;
    const stands = kind === 'stalled' ? target.decisions.stopped : target.queueing.stopped;
    const peers = peersOf(target, pod).length;
    if (isSeen && kind === 'no-queue' && !stands && peers > 0)
      return 2 * 30 * (peers + 1) * everyMs + 10 * MINUTE_MS + slackMs;
    return isSeen && stands && traffic.brokenAt === null
      ? policy.stallLimitMs + 10 * MINUTE_MS + slackMs
      : null;
  }
  if (kind === 'not-taking' || kind === 'not-parsing') {
    if (document.database === null) return null;
    const work = kind === 'not-taking' ? target.taking : target.parsing;
    // Others may do its work; and before the pace of its life is known parsing may rest for six hours.
    if (!work.stopped || (kind === 'not-parsing' && traffic.liveDags === 0)) return null;
    const limitMs = kind === 'not-taking' ? LIMITS.triggersLeastMs : LIMITS.parsingMostMs;
    return Math.max(limitMs, policy.stallLimitMs) + LIMITS.companionLastsMs + slackMs;
  }
  if (kind === 'starts-nothing') {
    // Alone it looks like workers that are gone, which is told; what lasts less than ten minutes hides in what Airflow takes back.
    const isSeen = document.database !== null && traffic.kind === 'busy' && traffic.liveDags > 1;
    return isSeen && peersOf(target, pod).length > 0
      ? 2 * Math.max(policy.stallLimitMs, 5 * MINUTE_MS) + 30 * MINUTE_MS + slackMs
      : null;
  }
  // Who never beat is told from a row that cannot be found by nothing; that is an alert.
  if (pod.beat.lastAt === -Infinity && pod.beat.stopped) return null;
  // All fall silent together; only who waits for whom tells the holder from its victims.
  const hasPeers = target.pods.some((one) => one !== pod && one.component === 'scheduler');
  const { locksReadable, hidesAddresses } = target.database;
  if (kind === 'holding' && hasPeers && (document.database === null || !locksReadable || hidesAddresses))
    return null;
  const limitMs = policy.heartbeatLimitMs === 'auto' ? 180 * SECOND_MS : policy.heartbeatLimitMs;
  const aheadMs = Math.max(0, pod.node.skewMs - target.database.skewMs);
  // A clock so far ahead makes the row one of the future; that is told, and no removal is asked for.
  if (aheadMs > 30 * SECOND_MS) return null;
  if (document.database !== null) return limitMs + aheadMs + slackMs;
  const hasOwn = document.health.some((one) => one.kind === 'pod') && pod.component === 'scheduler';
  if (hasOwn && kind === 'frozen') return policy.unreachableLimitMs + slackMs + 5 * MINUTE_MS;
  const hasWeb = document.health.some((one) => one.kind === 'url');
  const peers = target.pods.filter((one) => one.component === pod.component);
  return hasWeb &&
    (target.airflow === '3.4' || peers.length === 1) &&
    Math.abs(pod.node.skewMs) < 10 * SECOND_MS
    ? limitMs + slackMs + 5 * MINUTE_MS
    : null;
}

const peersOf = (target: SimTarget, pod: SimPod): readonly SimPod[] =>
  target.pods.filter((one) => one !== pod && one.component === 'scheduler' && one.container === 'running');
