import { isoOf } from '../../../functions/core/time.ts';
import { clocksDiffer, isBlindByDesign } from '../truth/unwell.ts';
import type { Law } from './law.ts';

interface Page {
  readonly openedAt: number;
  isClosed: boolean;
}

export const pagesEndInOrder: Law = {
  name: 'every page that opened is closed once all is well, in order, on each channel',
  watch: (world, broken, tally) => {
    const pages = new Map<string, Page>();
    /** Openings that a channel was asked to take: one that it refused is overtaken by what comes after it. */
    const asked = new Set<string>();
    const target = (id: string) => world.byId.get(id) ?? null;
    return {
      sending: ({ channel }, { kind, target: id, incident }) => {
        if (kind === 'opened') asked.add(`${channel.name} ${id} ${incident}`);
      },
      accepted: (channel, notification) => {
        tally.accepted += 1;
        if (channel.accepted.has(notification.id)) {
          tally.duplicateAlerts += 1;
          return;
        }
        channel.accepted.set(notification.id, world.loop.now());
        if (notification.kind === 'note') return;
        const key = `${channel.channel.name} ${notification.target} ${notification.incident}`;
        const page = pages.get(key);
        if (page === undefined) {
          if (notification.kind !== 'opened' && !asked.has(key))
            broken(target(notification.target), `"${notification.kind}" came before "opened" on ${key}`);
          pages.set(key, { openedAt: world.loop.now(), isClosed: notification.kind === 'resolved' });
        } else if (page.isClosed)
          broken(target(notification.target), `"${notification.kind}" came after "resolved" on ${key}`);
        else page.isClosed = notification.kind === 'resolved';
      },
      ended: () => {
        for (const [key, { openedAt, isClosed }] of pages) {
          const named = target(key.split(' ')[1] ?? '');
          if (isClosed || (named !== null && (isBlindByDesign(named) || clocksDiffer(world, named))))
            continue;
          broken(named, `the page of ${isoOf(openedAt)} is still open: ${key}`);
        }
      },
    };
  },
};
