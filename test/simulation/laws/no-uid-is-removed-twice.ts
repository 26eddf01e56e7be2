import type { Law } from './law.ts';

export const noUidIsRemovedTwice: Law = {
  name: 'no uid is removed twice',
  watch: (world, broken, tally) => {
    const removed = new Set<string>();
    return {
      removed: (target, pod) => {
        const wasGoing = pod.terminatingAt !== null;
        if (removed.has(pod.uid)) {
          // Where the list of pods is stale, or its answer was lost, nobody could know that it was going.
          const wasHidden = target.api.mode === 'stale' || target.api.removals === 'lost';
          if (wasGoing && !wasHidden) {
            tally.doubleRemovals += 1;
            broken(target, `${pod.name} (${pod.uid}) was deleted a second time`);
          }
          return;
        }
        removed.add(pod.uid);
        if (!wasGoing) target.removals.push({ uid: pod.uid, at: world.loop.now() });
      },
    };
  },
};
