import { formatDuration, MINUTE_MS } from '../../../functions/core/time.ts';
import { dueAfterMs, isClear } from '../truth/clear.ts';
import type { Law } from './law.ts';

export const noWedgeIsMissed: Law = {
  name: 'no wedge is missed that nothing honest protects',
  watch: (world, broken, tally) => ({
    removing: ({ intents }, { uid }) => {
      const at = world.loop.now();
      const last = intents.at(-1);
      if (last?.uid !== uid || at - last.at > 10 * MINUTE_MS) intents.push({ uid, at });
    },
    tickEnded: (_process, failure) => {
      const now = world.loop.now();
      for (const target of world.targets) {
        if (!target.unsettled) continue;
        for (const pod of target.pods) {
          const { wedge } = pod;
          if (wedge === null || wedge.wasDue) continue;
          if (failure !== null || !isClear(world, target, pod)) {
            wedge.clearSince = null;
            continue;
          }
          wedge.clearSince ??= now;
          const dueMs = dueAfterMs(target, pod, world.plan.everyMs);
          if (dueMs === null || now - wedge.clearSince < dueMs) continue;
          wedge.wasDue = true;
          tally.missedWedges += 1;
          broken(
            target,
            `${pod.name} (${pod.uid}) is wedged (${wedge.kind}) for ${formatDuration(now - wedge.at)}, ${formatDuration(now - wedge.clearSince)} of it with nothing in the way`,
          );
        }
      }
    },
  }),
};
