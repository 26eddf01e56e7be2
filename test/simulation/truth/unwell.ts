import type { ComponentName } from '../../../functions/core/target.ts';
import { type EpochMs, SECOND_MS } from '../../../functions/core/time.ts';
import { isUp } from '../world/hinder.ts';
import type { SimPod, SimTarget, World } from '../world/model.ts';
import { workloadOf } from '../world/pods.ts';

/** It does its work at this moment, however slowly. */
export function functions(pod: SimPod, now: EpochMs): boolean {
  return (
    isUp(pod) && pod.labelled && pod.phase === 'Running' && pod.wedge === null && now >= pod.beat.goesOnAt
  );
}

export const UNSEEN = 'the target cannot be seen';

/** What is unwell about a target now and can be seen by the witnesses it has; a name for each trouble. */
export function troublesOf(target: SimTarget, now: EpochMs): readonly string[] {
  if (target.listed === 'no') return [];
  if (target.listed === 'broken' || isUnseen(target)) return [UNSEEN];
  const troubles = target.document.components.flatMap(({ name }) =>
    isUnwell(target, name, now) ? [`${name} is unwell`] : [],
  );
  return [...troubles, ...goneWitnesses(target)];
}

function isUnseen({ api }: SimTarget): boolean {
  return api.mode !== 'ok' && api.mode !== 'stale' && api.mode !== 'throttled';
}

function isUnwell(target: SimTarget, component: ComponentName, now: EpochMs): boolean {
  const { wanted, kind } = workloadOf(target, component);
  let present = 0;
  let working = 0;
  let shown = 0;
  for (const pod of target.pods) {
    if (pod.component !== component || !pod.labelled || pod.terminatingAt !== null) continue;
    if (pod.container !== 'running' || pod.phase !== 'Running') continue;
    present += 1;
    if (functions(pod, now)) working += 1;
    else if (isShown(target, pod)) shown += 1;
  }
  // How many bare pods there should be is known to nobody.
  const least = Math.max(1, kind === 'none' ? present : wanted);
  return present < least || (working < least && shown > 0);
}

/** Whether a configured witness shows that this running pod does not work. */
function isShown(target: SimTarget, pod: SimPod): boolean {
  const { document, database, traffic } = target;
  // Who may not read the database has been told so, and does not see what it would show.
  if (document.database !== null && database.denied === 'all') return false;
  const hasDatabase = document.database !== null;
  const kind = pod.wedge?.kind;
  // Whether it is told as its own standstill or as tasks that nobody takes up, it takes a backlog to see it.
  if (kind === 'starts-nothing')
    return hasDatabase && database.denied === 'none' && traffic.kind === 'busy' && traffic.liveDags > 1;
  if (kind === 'stalled' || kind === 'no-queue') {
    const stands = kind === 'stalled' ? target.decisions.stopped : target.queueing.stopped;
    return (
      stands && hasDatabase && database.denied === 'none' && traffic.kind === 'busy' && traffic.liveDags > 1
    );
  }
  // By design both are told late, and parsing not before hours.
  if (kind === 'not-parsing') return false;
  if (kind === 'not-taking') return hasDatabase && database.denied === 'none' && target.taking.stopped;
  if (hasDatabase) return true;
  if (
    pod.component === 'scheduler' &&
    document.health.some((one) => one.kind === 'pod') &&
    !target.api.proxyCut
  )
    return true;
  const hasWeb = document.health.some((one) => one.kind === 'url') && target.web === 'ok';
  const peers = target.pods.filter((one) => one.component === pod.component && one.container === 'running');
  return hasWeb && (target.airflow === '3.4' || peers.length === 1);
}

/** A witness that was there and is gone is a trouble of its own. */
function goneWitnesses({ document, database, api, web }: SimTarget): readonly string[] {
  const gone: string[] = [];
  if (document.database !== null && database.denied !== 'none') gone.push('the database may not be read');
  if (document.health.some(({ kind }) => kind === 'pod') && api.proxyCut)
    gone.push('the pods cannot be asked');
  if (document.health.some(({ kind }) => kind === 'url') && web !== 'ok')
    gone.push('the web health cannot be asked');
  return gone;
}

/** As it is configured no witness can ever speak of each of its pods alone: it is unwell for good, and rightly says so. */
export function isBlindByDesign({ document, airflow, workloads }: SimTarget): boolean {
  if (document.database !== null) return false;
  const hasOwn = document.health.some(({ kind }) => kind === 'pod');
  const hasWeb = document.health.some(({ kind }) => kind === 'url');
  return document.components.some(({ name }) => {
    if (name === 'scheduler' && hasOwn) return false;
    const usual = workloads.find(({ component }) => component === name)?.usual ?? 1;
    return !hasWeb || (airflow !== '3.4' && usual > 1);
  });
}

/** Clocks that differ for good are a trouble for good, and rightly told as long as they do. */
export function clocksDiffer({ watchdog }: World, { api, database, pods }: SimTarget): boolean {
  const far = (one: number, other: number) => Math.abs(one - other) > 20 * SECOND_MS;
  return (
    far(watchdog.skewMs, api.skewMs) ||
    far(database.skewMs, api.skewMs) ||
    database.lagMs > 20 * SECOND_MS ||
    pods.some(({ node }) => far(node.skewMs, database.skewMs))
  );
}
