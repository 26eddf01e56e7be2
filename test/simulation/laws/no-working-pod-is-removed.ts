import { countIn } from '../tally.ts';
import { standingOf } from '../truth/standing.ts';
import type { Law } from './law.ts';

export const noWorkingPodIsRemoved: Law = {
  name: 'no working pod is removed',
  watch: (world, broken, tally) => ({
    removed: (target, pod) => {
      if (pod.terminatingAt !== null) return;
      const standing = standingOf(world, target, pod);
      countIn(tally.removals, standing);
      if (pod.wedge !== null) tally.detectionMs.push(world.loop.now() - pod.wedge.at);
      if (standing === 'working') broken(target, `${pod.name} (${pod.uid}) was removed while it worked`);
    },
  }),
};
