import { MINUTE_MS } from '../../../functions/core/time.ts';
import { mixed, type Random, randomOf, weighted } from '../random.ts';
import { START } from '../world/draw-world.ts';
import type { Episode, World } from '../world/model.ts';
import { DATABASES } from './databases.ts';
import { OUTSIDE } from './outside.ts';
import type { EpisodeKind } from './stage.ts';
import { WATCHDOG } from './watchdog.ts';
import { WEDGES } from './wedges.ts';
import { WORKLOADS } from './workloads.ts';

/** All that may happen to a world. */
export const EPISODES: readonly EpisodeKind[] = [
  ...WEDGES,
  ...WORKLOADS,
  ...DATABASES,
  ...OUTSIDE,
  ...WATCHDOG,
];

/** Nothing happens in the first minutes: what was never seen well cannot be judged. */
const QUIET_MS = 25 * MINUTE_MS;

/** Every episode of a world, drawn before it begins; they come by themselves, one by one and many at once. */
export function drawEpisodes(world: World, kinds: readonly string[] | null): readonly Episode[] {
  const random = randomOf(mixed(world.seed, world.number, 99));
  const allowed = EPISODES.filter(({ kind }) => kinds === null || kinds.includes(kind));
  const episodes: Episode[] = [];
  const endsAt = START + world.plan.ticks * world.plan.everyMs;
  const fill = (scopes: readonly EpisodeKind['scope'][], target: number, gapMs: number) => {
    const own = allowed.filter(({ scope }) => scopes.includes(scope));
    if (own.length === 0) return;
    for (let at = START + QUIET_MS + random.gap(gapMs); at < endsAt; at += random.gap(gapMs))
      episodes.push(draw(weighted(own, random), target, at, random));
  };
  for (const { index } of world.targets) fill(['target'], index, world.plan.episodeGapMs);
  fill(['watchdog', 'fleet'], 0, Math.max(30 * MINUTE_MS, world.plan.episodeGapMs));
  return episodes.map((episode, number) => ({ ...episode, number }));
}

function draw(kind: EpisodeKind, target: number, at: number, random: Random): Episode {
  return {
    number: 0,
    kind: kind.kind,
    scope: kind.scope,
    target,
    at,
    seed: random.whole(0, 2 ** 31),
    isHarmless: kind.isHarmless === true,
    isWedge: kind.isWedge === true,
  };
}

const BY_KIND = new Map(EPISODES.map((kind) => [kind.kind, kind]));

/** Lets them happen. Returns what ends all that are still under way. */
export function scheduleEpisodes(world: World, episodes: readonly Episode[]): () => void {
  const ends = new Set<() => void>();
  let isOver = false;
  for (const episode of episodes) {
    world.loop.at(episode.at, () => {
      const kind = BY_KIND.get(episode.kind);
      const target = world.targets[episode.target];
      if (isOver || kind === undefined || target === undefined) return;
      const random = randomOf(episode.seed);
      const active = episode.scope === 'target' ? target.active : world.active;
      const lastsMs = random.spread(kind.lasts[0], kind.lasts[1]) * MINUTE_MS;
      const finish = kind.begin({ world, target, random, episode });
      active.add(episode);
      target.unsettled = true;
      const end = () => {
        if (!ends.delete(end)) return;
        finish?.();
        active.delete(episode);
        if (episode.isHarmless) return;
        if (episode.scope === 'target') target.troubleEndedAt = world.loop.now();
        else for (const one of world.targets) one.troubleEndedAt = world.loop.now();
        if (episode.scope === 'watchdog') world.watchdog.lastBadAt = world.loop.now();
      };
      ends.add(end);
      world.loop.at(world.loop.now() + lastsMs, end);
    });
  }
  return () => {
    isOver = true;
    for (const end of [...ends]) end();
  };
}
