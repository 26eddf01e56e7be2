import { MINUTE_MS } from '../../functions/core/time.ts';
import type { Law } from './laws/law.ts';

const CALM_MS = 20 * MINUTE_MS;

/** No law but a figure (Chen's T_MR and T_M): pages about a target where nothing has been wrong for a while, and how long they last. */
export const falseAlarms: Law = {
  name: 'false alarms',
  watch: (world, _broken, tally) => {
    const open = new Map<string, number>();
    const known = new Set<string>();
    return {
      accepted: (_channel, { incident, kind, target: id }) => {
        const now = world.loop.now();
        const since = open.get(incident);
        if (kind === 'resolved' && since !== undefined) {
          open.delete(incident);
          tally.falseAlarmMs.push(now - since);
        }
        if (kind !== 'opened' || known.has(incident)) return;
        known.add(incident);
        const target = world.byId.get(id);
        if (target === undefined || target.active.size > 0 || target.unwell.size > 0) return;
        if ([...world.active].some((one) => !one.isHarmless)) return;
        const { watchdog } = world;
        const lastAt = Math.max(target.troubleEndedAt, target.unwellAt, watchdog.lastBadAt);
        if (now - lastAt < CALM_MS) return;
        tally.falseAlarms += 1;
        open.set(incident, now);
      },
    };
  },
};
