import type { Condition } from '../../../functions/core/condition.ts';
import { FLEET_KEY } from '../../../functions/core/state.ts';
import { type DurationMs, formatDuration, MINUTE_MS } from '../../../functions/core/time.ts';
import { troublesOf, UNSEEN } from '../truth/unwell.ts';
import type { SimTarget, World } from '../world/model.ts';
import type { Broken, Law } from './law.ts';

const SILENCE_MS: DurationMs = 20 * MINUTE_MS;
/** A component that was well for less than this was not well: who crash-loops runs between two crashes. */
const SPELL_MS: DurationMs = 15 * MINUTE_MS;

export const nobodySuffersInSilence: Law = {
  name: 'no component stays unwell for 20 minutes without a word',
  watch: (world, broken) => ({
    accepted: (_channel, notification) => {
      const target = world.byId.get(notification.target);
      if (target === undefined) world.fleetToldAt = world.loop.now();
      else target.toldAt = world.loop.now();
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

function examine(world: World, target: SimTarget, passedMs: DurationMs, broken: Broken): void {
  const now = world.loop.now();
  const troubles = troublesOf(target, now);
  // What cannot be seen is neither over nor new.
  if (!troubles.includes(UNSEEN))
    for (const [what, { seenAt }] of [...target.unwell])
      if (!troubles.includes(what) && now - seenAt > SPELL_MS) target.unwell.delete(what);
  if (troubles.length === 0) {
    target.unsettled =
      target.unwell.size > 0 ||
      target.active.size > 0 ||
      target.pods.some((pod) => pod.beat.stopped || pod.beat.goesOnAt > now);
    return;
  }
  target.unwellAt = now;
  for (const what of troubles) {
    let trouble = target.unwell.get(what);
    if (trouble === undefined) {
      // It began somewhere between the last look at everybody and this one.
      trouble = { since: world.examinedAt, countedMs: 0, seenAt: now, broken: false, what };
      target.unwell.set(what, trouble);
      continue;
    }
    trouble.seenAt = now;
    const wasTold =
      target.toldAt >= trouble.since ||
      world.fleetToldAt >= trouble.since ||
      standsTold(world, target, what) ||
      isKnownUnwatched(world);
    if (wasTold || trouble.broken) continue;
    if (hasEar(world, target)) trouble.countedMs += passedMs;
    if (trouble.countedMs <= SILENCE_MS + 2 * world.plan.everyMs) continue;
    trouble.broken = true;
    broken(target, `${what} for ${formatDuration(now - trouble.since)} and nobody was told`);
  }
}

/** What was told of this very component, is seen at each tick since and was never said to be over, stands told. */
function standsTold(world: World, { document, pods }: SimTarget, what: string): boolean {
  const subjects = document.components
    .filter(({ name }) => what === `${name} is unwell`)
    .flatMap(({ name }) => [
      `component ${name}`,
      ...pods.filter(({ component }) => component === name).map(({ uid }) => `pod ${uid}`),
    ]);
  const least = world.loop.now() - 2.5 * world.plan.everyMs;
  return conditionsOf(world, document.id).some(
    ({ subject, told, seenAt }) => told !== null && seenAt >= least && subjects.includes(subject),
  );
}

/** The whole list is out of use, which somebody was told: that nobody is watched is worse news than each of them. */
function isKnownUnwatched(world: World): boolean {
  const conditions = conditionsOf(world, FLEET_KEY);
  return (
    world.watchdog.list !== 'ok' &&
    conditions.some(({ kind, told }) => kind === 'list-unusable' && told !== null)
  );
}

function conditionsOf({ documents }: World, key: string): readonly Condition[] {
  const body = documents.get(key)?.body as { readonly conditions?: readonly Condition[] } | undefined;
  return body?.conditions ?? [];
}

function hasEar({ channels }: World, { document }: SimTarget): boolean {
  return channels.some(
    ({ channel, mood }) =>
      mood === 'ok' && (document.channels === null || document.channels.includes(channel.name)),
  );
}
