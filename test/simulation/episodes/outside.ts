import { SECOND_MS } from '../../../functions/core/time.ts';
import { setPeriod } from '../world/beater.ts';
import { hinder, refreshWork, release } from '../world/hinder.ts';
import { podFactsOf } from '../world/kube-looks.ts';
import type { ApiMode, RemovalMode } from '../world/model.ts';
import { BEAT_MS } from '../world/pods.ts';
import { tell } from '../world/tell.ts';
import { type EpisodeKind, living, type Stage } from './stage.ts';

/** The API server of the target is sick; executors that talk to it may hang in it, too. */
export function apiServer(mode: ApiMode) {
  return ({ world, target, random }: Stage): (() => void) | null => {
    const { api } = target;
    if (api.mode !== 'ok') return null;
    if (mode === 'stale') api.stale = podFactsOf(target);
    api.mode = mode;
    target.unsettled = true;
    tell(world, target, `the API server is ${mode}`);
    const hung =
      (mode === 'hanging' || mode === 'erring') && random.chance(0.2) ? living(target, 'scheduler') : [];
    for (const pod of hung) hinder(world, target, pod, 'apiServer');
    return () => {
      api.mode = 'ok';
      target.unsettled = true;
      for (const pod of hung) release(world, target, pod, 'apiServer', random.between(1, 8) * SECOND_MS);
    };
  };
}

function removals(mode: RemovalMode) {
  return ({ world, target }: Stage): (() => void) => {
    target.api.removals = mode;
    tell(world, target, `deletes are ${mode}`);
    return () => {
      target.api.removals = 'ok';
    };
  };
}

function cutProxy({ world, target }: Stage): () => void {
  target.api.proxyCut = true;
  target.unsettled = true;
  tell(world, target, 'the way from the API server to the pods is cut');
  return () => {
    target.api.proxyCut = false;
    target.unsettled = true;
  };
}

function web(mode: 'down' | 'login-page') {
  return ({ target }: Stage): (() => void) => {
    target.web = mode;
    target.unsettled = true;
    return () => {
      target.web = 'ok';
      target.unsettled = true;
    };
  };
}

/** Loops take long, as with much to do at night. Alive all the while. */
function slowLoop(periods: readonly number[], silentShare: number) {
  return ({ world, target, random }: Stage): (() => void) | null => {
    if (target.slow !== null) return null;
    target.slow = { periodMs: random.pick(periods) * SECOND_MS, silent: random.chance(silentShare) };
    const now = world.loop.now();
    const schedulers = target.pods.filter((pod) => pod.component === 'scheduler');
    for (const pod of schedulers) setPeriod(pod.beat, now, target.slow.periodMs * random.between(0.9, 1.1));
    refreshWork(world, target, 0);
    tell(
      world,
      target,
      `loops take ${target.slow.periodMs / SECOND_MS} s${target.slow.silent ? ', decisions come at their ends' : ''}`,
    );
    return () => {
      target.slow = null;
      for (const pod of target.pods.filter((one) => one.component === 'scheduler')) {
        pod.beat.periodMs = Math.max(pod.beat.periodMs, BEAT_MS);
        setPeriod(pod.beat, world.loop.now(), BEAT_MS);
      }
      refreshWork(world, target, 0);
    };
  };
}

type Honest = 'poolFullAt' | 'starvedAt' | 'workersGoneAt' | 'unevenAt';

/** Nothing of it is any scheduler's fault. */
function traffic(what: 'brokenAt' | 'overdueAt' | Honest) {
  return ({ world, target }: Stage): (() => void) => {
    target.traffic[what] = world.loop.now();
    target.unsettled = true;
    tell(world, target, `work has trouble of its own: ${what}`);
    return () => {
      target.traffic[what] = null;
      target.unsettled = true;
    };
  };
}

function nodeClock({ world, target, random }: Stage): () => void {
  const node = random.pick(target.nodes);
  const before = node.skewMs;
  node.skewMs += random.pick([-1, 1]) * random.spread(2, 300) * SECOND_MS;
  tell(world, target, `the clock of ${node.name} is ${Math.round(node.skewMs / SECOND_MS)} s off`);
  return () => {
    node.skewMs = before;
  };
}

const kind = (
  name: string,
  weight: number,
  lasts: EpisodeKind['lasts'],
  begin: EpisodeKind['begin'],
): EpisodeKind => ({
  kind: name,
  weight,
  scope: 'target',
  lasts,
  begin,
});

export const OUTSIDE: readonly EpisodeKind[] = [
  kind('api-throttled', 2, [1, 30], apiServer('throttled')),
  kind('api-hanging', 2, [0.5, 60], apiServer('hanging')),
  kind('api-erring', 2, [0.5, 30], apiServer('erring')),
  kind('api-forbidden', 1, [5, 120], apiServer('forbidden')),
  kind('api-empty', 1, [0.5, 60], apiServer('empty')),
  kind('api-stale', 1, [0.5, 10], apiServer('stale')),
  kind('kubeconfig-broken', 1, [5, 120], apiServer('no-session')),
  kind('deletes-lose-answers', 2, [10, 120], removals('lost')),
  kind('deletes-fail', 2, [10, 120], removals('failed')),
  kind('deletes-forbidden', 1, [10, 120], removals('forbidden')),
  kind('proxy-cut', 2, [1, 120], cutProxy),
  kind('web-down', 2, [1, 120], web('down')),
  kind('web-login-page', 1, [5, 120], web('login-page')),
  kind('slow-loop', 5, [10, 300], slowLoop([12, 20, 35, 45, 55, 70], 0.6)),
  kind('very-long-loop', 2, [20, 120], slowLoop([300, 1_200], 0.3)),
  kind('broken-dag-run', 3, [10, 600], traffic('brokenAt')),
  kind('overdue-dag', 2, [10, 600], traffic('overdueAt')),
  kind('pool-full', 2, [10, 300], traffic('poolFullAt')),
  kind('priority-starves', 2, [10, 600], traffic('starvedAt')),
  kind('workers-gone', 2, [5, 120], traffic('workersGoneAt')),
  kind('uneven-schedulers', 2, [60, 900], traffic('unevenAt')),
  kind('node-clock-steps', 2, [5, 300], nodeClock),
];
