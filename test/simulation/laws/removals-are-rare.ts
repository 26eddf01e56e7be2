import { formatDuration, MINUTE_MS } from '../../../functions/core/time.ts';
import type { Law } from './law.ts';

/** The intent counts, and the delete comes up to a tick later. */
const SLACK_MS = MINUTE_MS;

export const removalsAreRare: Law = {
  name: 'nobody is removed within the cool-down or beyond the budget',
  watch: (world, broken) => ({
    removed: (target, pod) => {
      if (pod.terminatingAt !== null) return;
      const now = world.loop.now();
      const { cooldownMs, budget } = target.document.policy;
      const slackMs = SLACK_MS + world.watchdog.largestJumpMs;
      const others = target.removals.filter(({ uid }) => uid !== pod.uid);
      const last = others.at(-1);
      if (last !== undefined && now - last.at < cooldownMs - slackMs)
        broken(target, `${pod.name} was removed ${formatDuration(now - last.at)} after the last removal`);
      const spent = others.filter(({ at }) => now - at < budget.perMs - slackMs).length;
      if (spent >= budget.removals) broken(target, `${pod.name} was removed though ${spent} went before it`);
    },
  }),
};
