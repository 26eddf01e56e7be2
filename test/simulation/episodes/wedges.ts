import type { ComponentName } from '../../../functions/core/target.ts';
import { MINUTE_MS } from '../../../functions/core/time.ts';
import { heal, wedge } from '../world/hinder.ts';
import type { SimPod, WedgeKind } from '../world/model.ts';
import { changed } from '../world/pods.ts';
import { tell } from '../world/tell.ts';
import { anyPod, type EpisodeKind, type Stage } from './stage.ts';

/** A pod wedges, and comes back only by a removal or, at the episode's end, by a wonder. */
function wedging(kind: WedgeKind, only: ComponentName | null) {
  return (stage: Stage): (() => void) | null => {
    const { target, random } = stage;
    const pod = anyPod(stage, only ?? (random.chance(0.7) ? 'scheduler' : undefined));
    if (pod === null || pod.wedge !== null) return null;
    return wedgeNow(stage, pod, kind, () => target.pods.includes(pod));
  };
}

function wedgeNow(stage: Stage, pod: SimPod, kind: WedgeKind, isThere: () => boolean): () => void {
  const { world, target } = stage;
  const { life } = pod;
  wedge(world, target, pod, kind);
  tell(world, target, `${pod.name} (${pod.uid}) wedges: ${kind}`);
  return () => {
    if (!isThere() || pod.life !== life || pod.wedge === null) return;
    heal(world, target, pod);
    tell(world, target, `${pod.name} comes back by itself`);
  };
}

/** Memory climbs, then exec probes cannot be started any more, then the process stands still. */
function leak(stage: Stage): (() => void) | null {
  const { world, target, random } = stage;
  const pod = anyPod(stage, 'scheduler');
  if (pod === null) return null;
  const { life } = pod;
  const isSame = () => target.pods.includes(pod) && pod.life === life;
  pod.memoryShare = 0.9;
  let end: (() => void) | null = null;
  let isOver = false;
  world.loop.at(world.loop.now() + random.spread(1, 40) * MINUTE_MS, () => {
    if (isOver || !isSame()) return;
    pod.memoryShare = 1;
    pod.probesErrAt = world.loop.now();
    world.loop.at(world.loop.now() + random.spread(1, 60) * MINUTE_MS, () => {
      if (!isOver && isSame() && pod.wedge === null)
        end = wedgeNow(stage, pod, random.pick(['quiet', 'frozen']), isSame);
    });
  });
  return () => {
    isOver = true;
    end?.();
    if (!isSame()) return;
    pod.memoryShare = 0.5;
    pod.probesErrAt = null;
  };
}

/** Kubelet cannot start its probes, but the pod works. */
function probeErrors(stage: Stage): (() => void) | null {
  const { world, random } = stage;
  const pod = anyPod(stage);
  if (pod === null) return null;
  pod.probesErrAt = world.loop.now();
  pod.memoryShare = random.pick([0.3, 0.95, 1]);
  return () => {
    pod.probesErrAt = null;
    pod.memoryShare = 0.5;
  };
}

/** The health server's child is gone; the scheduler works. */
function deafness(stage: Stage): (() => void) | null {
  const pod = anyPod(stage, 'scheduler');
  if (pod === null) return null;
  pod.deaf = true;
  changed(stage.target, pod);
  return () => {
    if (pod.wedge?.kind !== 'frozen') pod.deaf = false;
  };
}

const wedgeKind = (kind: WedgeKind, weight: number, only: ComponentName | null): EpisodeKind => ({
  kind: `wedge-${kind}`,
  weight,
  scope: 'target',
  lasts: [10, 900],
  isWedge: true,
  begin: wedging(kind, only),
});

export const WEDGES: readonly EpisodeKind[] = [
  wedgeKind('quiet', 12, null),
  wedgeKind('frozen', 6, null),
  wedgeKind('stalled', 5, 'scheduler'),
  wedgeKind('no-queue', 2, 'scheduler'),
  wedgeKind('starts-nothing', 3, 'scheduler'),
  wedgeKind('holding', 3, 'scheduler'),
  wedgeKind('not-taking', 3, 'triggerer'),
  wedgeKind('not-parsing', 3, 'dag-processor'),
  { kind: 'leak', weight: 3, scope: 'target', lasts: [30, 600], isWedge: true, begin: leak },
  { kind: 'probe-errors', weight: 2, scope: 'target', lasts: [5, 120], begin: probeErrors },
  { kind: 'deaf-health-server', weight: 2, scope: 'target', lasts: [2, 120], begin: deafness },
];
