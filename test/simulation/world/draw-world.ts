import { EVERYTHING } from '../../../functions/core/channel.ts';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { createLoop } from '../loop.ts';
import { mixed, type Random, randomOf } from '../random.ts';
import { drawTarget, type TargetLimits } from './draw-target.ts';
import type { Plan, SimChannel, SimTarget, World } from './model.ts';
import { createPod, startContainer } from './pods.ts';
import type { Program } from './program.ts';

/** 2026-11-23T03:00:00Z */
export const START = 1_795_402_800_000;
/** The pods are older than the story. */
const OLDER_MS = 60 * MINUTE_MS;

/** How bad a world may be; the widest is the default. */
export interface Hostility extends TargetLimits {
  /** Kinds of episodes that may happen; null all. */
  readonly kinds: readonly string[] | null;
  /** Ticks come so far apart. */
  readonly everySeconds: readonly number[];
  readonly episodesPerHour: readonly number[];
}

export const HOSTILE: Hostility = {
  witnesses: ['database', 'pod-port', 'web', 'database+pod-port', 'database+pod-port', 'everything'],
  clocksDiffer: true,
  limits: 'any',
  policies: 'any',
  components: 'any',
  kinds: null,
  everySeconds: [60, 60, 60, 60, 60, 60, 30, 120, 300],
  episodesPerHour: [0.05, 0.2, 0.2, 0.5, 1],
};

export function planOf(random: Random, hostility: Hostility, targets: number | null): Plan {
  const count = targets ?? random.pick([1, 2, 2, 3, 5, 8, 12, 20, 40, 100, 250]);
  const everyMs = random.pick(hostility.everySeconds) * SECOND_MS;
  const ticks = Math.round(
    Math.min(2_880, Math.max(200, 6_000 / count)) * Math.min(1, (60 * SECOND_MS) / everyMs),
  );
  return {
    targets: count,
    ticks,
    everyMs,
    lambda: everyMs === 60 * SECOND_MS && random.chance(0.7),
    secondMs: random.chance(0.3) ? random.whole(0, 59) * SECOND_MS : 0,
    epilogueTicks: Math.ceil((45 * MINUTE_MS) / everyMs),
    // A large fleet in which everybody is sick all the time would only show what a storm is.
    episodeGapMs: (60 * MINUTE_MS * Math.max(1, count / 20)) / random.pick(hostility.episodesPerHour),
  };
}

/** A whole world out of two numbers. */
export function drawWorld(
  seed: number,
  number: number,
  program: Program,
  hostility: Hostility,
  targets: number | null,
  verbose: boolean,
): World {
  const random = randomOf(mixed(seed, number));
  const plan = planOf(random, hostility, targets);
  const world: World = {
    seed,
    number,
    plan,
    program,
    loop: createLoop(START - OLDER_MS),
    random,
    targets: [],
    byId: new Map(),
    channels: drawChannels(random),
    documents: new Map(),
    watchdog: {
      skewMs: hostility.clocksDiffer && random.chance(0.15) ? random.between(-120, 120) * SECOND_MS : 0,
      largestJumpMs: 0,
      starved: 1,
      storeMood: 'ok',
      list: 'ok',
      loseTicks: 0,
      lateMs: 0,
      doubleTicks: 0,
      killAfter: null,
      lastBadAt: -Infinity,
    },
    active: new Set(),
    list: null,
    verbose,
    saves: 0,
    runs: 0,
    fleetToldAt: -Infinity,
    examinedAt: START,
    hearing: DEAF,
    running: 0,
  };
  for (let index = 0; index < plan.targets; index += 1) {
    const target = drawTarget(mixed(seed, number), index, START, program, hostility);
    world.targets.push(target);
    world.byId.set(target.document.id, target);
    populate(world, target);
  }
  return world;
}

function populate(world: World, target: SimTarget): void {
  for (const workload of target.workloads) {
    for (let at = 0; at < workload.usual; at += 1) {
      const pod = createPod(world, target, workload, 0);
      startContainer(world, target, pod);
    }
  }
}

function drawChannels(random: Random): SimChannel[] {
  const slack = {
    name: 'slack',
    type: 'slack',
    settings: { webhook: 'https://hooks.example/x' },
    endpoint: null,
    rules: EVERYTHING,
  } as const;
  const pager = {
    name: 'pager',
    type: 'pagerduty',
    settings: { routingKey: 'key' },
    endpoint: null,
    rules: EVERYTHING,
  } as const;
  const list = random.chance(0.2) ? [pager] : [slack, pager];
  return list.map((channel) => ({
    channel,
    mood: 'ok',
    lastBadAt: -Infinity,
    accepted: new Map(),
  }));
}

const ignore = () => undefined;
const DEAF: World['hearing'] = {
  removing: ignore,
  removed: ignore,
  sending: ignore,
  accepted: ignore,
  saved: ignore,
  tickBegan: ignore,
  tickEnded: ignore,
  overran: ignore,
  ended: ignore,
};
