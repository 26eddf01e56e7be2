import { type DurationMs, type EpochMs, formatDuration, MINUTE_MS } from '../../../functions/core/time.ts';
import { troublesOf, UNSEEN } from '../truth/unwell.ts';
import type { SimTarget, World } from '../world/model.ts';
import type { Broken, Law } from './law.ts';

const SILENCE_MS: DurationMs = 20 * MINUTE_MS;

const SOON_MS: DurationMs = 5 * MINUTE_MS;

export const nobodySuffersInSilence: Law = {
  name: 'no component stays unwell for 20 minutes without a word',
  watch: (world, broken) => ({
    accepted: (_channel, notification) => {
      const target = world.byId.get(notification.target);
      if (target === undefined) world.fleetToldAt = world.loop.now();
      else target.toldAt = world.loop.now();
    },
    tickBegan: () => {
      for (const target of world.targets) if (target.unwell.size > 0) forget(target, world.loop.now());
    },
    tickEnded: (_process, failure) => {
      const now = world.loop.now();
      const passedMs =
        failure === null && isFair(world) ? Math.min(now - world.examinedAt, 2 * world.plan.everyMs) : 0;
      for (const target of world.targets) if (target.unsettled) examine(world, target, passedMs, broken);
      world.examinedAt = now;
    },
  }),
};

/** Silence is only the program's fault where ticks run and the store works. */
function isFair({ watchdog }: World): boolean {
  return watchdog.storeMood === 'ok' && watchdog.starved === 1 && watchdog.list !== 'empty';
}

/** Well for a moment, and that when a tick looked, is well. */
function forget(target: SimTarget, now: EpochMs): void {
  const troubles = troublesOf(target, now);
  if (troubles.includes(UNSEEN)) return;
  for (const [what, { since }] of [...target.unwell]) {
    if (troubles.includes(what)) continue;
    target.unwell.delete(what);
    target.over.set(what, { since, endedAt: now });
  }
}

function examine(world: World, target: SimTarget, passedMs: DurationMs, broken: Broken): void {
  const now = world.loop.now();
  const troubles = troublesOf(target, now);
  if (troubles.length === 0) {
    forget(target, now);
    target.unsettled =
      target.active.size > 0 || target.pods.some((pod) => pod.beat.stopped || pod.beat.goesOnAt > now);
    return;
  }
  target.unwellAt = now;
  // What was unwell before the target went out of sight is so still.
  forget(target, now);
  for (const what of troubles) {
    let trouble = target.unwell.get(what);
    if (trouble === undefined) {
      trouble = { since: sinceWhen(world, target, what), countedMs: 0, broken: false, what };
      target.unwell.set(what, trouble);
      continue;
    }
    const wasTold = target.toldAt >= trouble.since || world.fleetToldAt >= trouble.since;
    if (wasTold || trouble.broken) continue;
    if (hasEar(world, target)) trouble.countedMs += passedMs;
    if (trouble.countedMs <= SILENCE_MS + 2 * world.plan.everyMs) continue;
    trouble.broken = true;
    broken(target, `${what} for ${formatDuration(now - trouble.since)} and nobody was told`);
  }
}

/** It began between the last look at everybody and this one; soon again is still the same, of which people know. */
function sinceWhen({ examinedAt }: World, { over }: SimTarget, what: string): EpochMs {
  const before = over.get(what);
  return before !== undefined && examinedAt - before.endedAt < SOON_MS ? before.since : examinedAt;
}

function hasEar({ channels }: World, { document }: SimTarget): boolean {
  return channels.some(
    ({ channel, mood }) =>
      mood === 'ok' && (document.channels === null || document.channels.includes(channel.name)),
  );
}
