import type { Notification } from '../../../functions/core/notification.ts';
import type { Law } from './law.ts';

export const noAlertIsLost: Law = {
  name: 'no alert is lost though channels fail',
  watch: (world, broken, tally) => {
    /** Everything that was ever tried, on whichever channel. */
    const tried = new Map<string, Notification>();
    return {
      sending: (_channel, notification) => {
        if (notification.kind !== 'note') tried.set(notification.id, notification);
      },
      ended: () => {
        for (const channel of world.channels) {
          const { name } = channel.channel;
          const taken = [...channel.accepted.keys()].flatMap((id) => tried.get(id) ?? []);
          for (const notification of tried.values()) {
            if (channel.accepted.has(notification.id)) continue;
            const target = world.byId.get(notification.target) ?? null;
            const wanted = target?.document.channels ?? null;
            if (wanted !== null && !wanted.includes(name)) continue;
            const later = taken.some(
              (one) => one.incident === notification.incident && one.at >= notification.at,
            );
            if (later) continue;
            tally.lostAlerts += 1;
            broken(
              target,
              `${name} never took ${notification.id} (${notification.kind}: ${notification.title})`,
            );
          }
        }
      },
    };
  },
};
