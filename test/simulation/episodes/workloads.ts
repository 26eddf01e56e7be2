import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { hinder, refreshWork, release } from '../world/hinder.ts';
import type { SimPod, Workload } from '../world/model.ts';
import { changed, endLife, reconcile, restartInPlace, terminate, workloadOf } from '../world/pods.ts';
import { tell } from '../world/tell.ts';
import { anyPod, type EpisodeKind, living, repeat, type Stage } from './stage.ts';

function restart(stage: Stage): null {
  const { world, target, random } = stage;
  const pod = anyPod(stage);
  if (pod !== null)
    restartInPlace(world, target, pod, random.pick(['OOMKilled', 'Error']), random.spread(1, 60) * SECOND_MS);
  return null;
}

function crashLoop(stage: Stage): (() => void) | null {
  const { world, target, random } = stage;
  const pod = anyPod(stage);
  if (pod === null) return null;
  let downMs = 10 * SECOND_MS;
  const everyMs = () => downMs + random.between(5, 60) * SECOND_MS;
  return repeat(world, everyMs, () => {
    restartInPlace(world, target, pod, 'Error', downMs);
    downMs = Math.min(2 * downMs, 5 * MINUTE_MS);
  });
}

function deletion(stage: Stage): null {
  const pod = anyPod(stage);
  if (pod === null) return null;
  tell(stage.world, stage.target, `a person deletes ${pod.name}`);
  terminate(stage.world, stage.target, pod, stage.random.between(1, 30) * SECOND_MS);
  return null;
}

/** Evicted pods stay in the list as Failed, Jobs' as Succeeded, until somebody clears them away. */
function leftovers(stage: Stage): () => void {
  const { world, target, random } = stage;
  const left: SimPod[] = [];
  for (let count = random.whole(1, 3); count > 0; count -= 1) {
    const pod = anyPod(stage);
    if (pod === null) continue;
    left.push(pod);
    endLife(world, target, pod, 'failed');
    pod.phase = random.pick(['Failed', 'Failed', 'Succeeded']);
    pod.reason = pod.phase === 'Failed' ? 'Evicted' : 'Completed';
    changed(target, pod);
    refreshWork(world, target, 0);
    tell(world, target, `${pod.name} is left over as ${pod.phase}`);
    reconcile(world, target, workloadOf(target, pod.component));
  }
  return () => {
    for (const pod of left) pod.gone = true;
    target.pods = target.pods.filter((pod) => !pod.gone);
    target.api.pods = null;
    for (const workload of target.workloads) reconcile(world, target, workload);
  };
}

function rollout(stage: Stage): () => void {
  const { world, target, random } = stage;
  const workload = random.pick(target.workloads);
  workload.rollingOut = `1 of ${workload.wanted} pods updated`;
  const old = [...living(target, workload.component)];
  tell(world, target, `${workload.component} rolls out`);
  const end = repeat(
    world,
    () => random.between(10, 60) * SECOND_MS,
    () => {
      const pod = old.pop();
      if (pod !== undefined) terminate(world, target, pod, random.between(2, 20) * SECOND_MS);
    },
  );
  return () => {
    end();
    workload.rollingOut = null;
    target.unsettled = true;
  };
}

function scaling(to: (usual: number) => number) {
  return ({ world, target, random }: Stage): (() => void) => {
    const workload = random.pick(target.workloads);
    workload.wanted = to(workload.usual);
    tell(world, target, `${workload.component} is scaled to ${workload.wanted}`);
    reconcile(world, target, workload);
    return () => {
      workload.wanted = workload.usual;
      reconcile(world, target, workload);
    };
  };
}

/** The selector of the document finds the pods of one component no more. */
function renamedLabel({ world, target, random }: Stage): () => void {
  const { component } = random.pick(target.workloads);
  const pods = target.pods.filter((pod) => pod.component === component);
  for (const pod of pods) {
    pod.labelled = false;
    changed(target, pod);
  }
  tell(world, target, `the label of ${component} is renamed`);
  return () => {
    for (const pod of pods) {
      pod.labelled = true;
      changed(target, pod);
    }
    reconcile(world, target, workloadOf(target, component));
  };
}

function badReplacement(afterMs: (workload: Workload, stage: Stage) => number | null) {
  return (stage: Stage): (() => void) => {
    const { world, target, random } = stage;
    const workload = random.pick(target.workloads);
    const usual = workload.replaceMs;
    workload.replaceMs = () => afterMs(workload, stage);
    if (random.chance(0.6)) deletion(stage);
    return () => {
      workload.replaceMs = usual;
      reconcile(world, target, workload);
    };
  };
}

/** The node is gone; after five minutes its pods terminate, but nobody there confirms it. */
function nodeLoss({ world, target, random }: Stage): () => void {
  const node = random.pick(target.nodes);
  const lost = target.pods.filter((pod) => pod.node === node && pod.container === 'running');
  node.lostAt = world.loop.now();
  for (const pod of lost) {
    pod.deaf = true;
    hinder(world, target, pod, 'node');
  }
  tell(world, target, `${node.name} is lost with ${lost.map(({ name }) => name).join(', ') || 'nothing'}`);
  let isOver = false;
  world.loop.at(world.loop.now() + 5 * MINUTE_MS, () => {
    if (!isOver) for (const pod of lost) terminate(world, target, pod, null);
  });
  return () => {
    isOver = true;
    node.lostAt = null;
    for (const pod of lost) {
      if (pod.terminatingAt !== null) terminateForGood(stageOf(world, target), pod);
      if (pod.wedge?.kind !== 'frozen') pod.deaf = false;
      release(world, target, pod, 'node', 2_000);
    }
  };
}

const stageOf = (world: Stage['world'], target: Stage['target']) => ({ world, target });

function terminateForGood({ world, target }: Pick<Stage, 'world' | 'target'>, pod: SimPod): void {
  pod.terminatingAt = null;
  terminate(world, target, pod, 1_000);
}

/** New pods every few minutes, none of which lives long enough. */
function churn(stage: Stage): () => void {
  const { world, target, random } = stage;
  const workload = workloadOf(target, 'scheduler');
  return repeat(
    world,
    () => random.between(60, 200) * SECOND_MS,
    () => {
      for (const pod of target.pods.filter((one) => one.component === workload.component))
        terminate(world, target, pod, 2_000);
    },
  );
}

function annotation({ world, target, random }: Stage): () => void {
  const workload = random.pick(target.workloads);
  workload.paused = 'maintenance';
  tell(world, target, `a person pauses ${workload.component}`);
  return () => {
    workload.paused = null;
    target.unsettled = true;
  };
}

export const WORKLOADS: readonly EpisodeKind[] = [
  { kind: 'restart-in-place', weight: 4, scope: 'target', lasts: [5, 6], begin: restart },
  { kind: 'crash-loop', weight: 2, scope: 'target', lasts: [5, 180], begin: crashLoop },
  { kind: 'person-deletes', weight: 4, scope: 'target', lasts: [5, 6], begin: deletion },
  { kind: 'leftovers', weight: 3, scope: 'target', lasts: [30, 1_000], begin: leftovers },
  { kind: 'rollout', weight: 3, scope: 'target', lasts: [1, 60], begin: rollout },
  { kind: 'scale-to-zero', weight: 1, scope: 'target', lasts: [5, 300], begin: scaling(() => 0) },
  { kind: 'scale-up', weight: 1, scope: 'target', lasts: [5, 300], begin: scaling((usual) => usual + 2) },
  { kind: 'scale-down', weight: 1, scope: 'target', lasts: [5, 300], begin: scaling(() => 1) },
  { kind: 'label-renamed', weight: 1, scope: 'target', lasts: [5, 200], begin: renamedLabel },
  {
    kind: 'replaced-late',
    weight: 2,
    scope: 'target',
    lasts: [10, 200],
    begin: badReplacement((_, { random }) => random.spread(1, 12) * MINUTE_MS),
  },
  { kind: 'never-replaced', weight: 1, scope: 'target', lasts: [10, 200], begin: badReplacement(() => null) },
  { kind: 'node-lost', weight: 2, scope: 'target', lasts: [1, 60], begin: nodeLoss },
  { kind: 'churn', weight: 1, scope: 'target', lasts: [10, 90], begin: churn },
  { kind: 'paused-by-annotation', weight: 2, scope: 'target', lasts: [10, 300], begin: annotation },
];
