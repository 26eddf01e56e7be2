import type { Notification } from '../../functions/core/notification.ts';
import { type EpochMs, MINUTE_MS } from '../../functions/core/time.ts';
import { drawEpisodes, scheduleEpisodes } from './episodes/schedule.ts';
import { falseAlarms } from './false-alarms.ts';
import { LAWS } from './laws/all.ts';
import type { Break, Law } from './laws/law.ts';
import { countIn, type Tally } from './tally.ts';
import { drawWorld, type Hostility, START } from './world/draw-world.ts';
import type { Episode, Hearing, SimChannel, SimTarget, World } from './world/model.ts';
import { completeByHand, terminate } from './world/pods.ts';
import type { Program } from './world/program.ts';
import { setListed } from './world/target-list.ts';
import { tell } from './world/tell.ts';
import { scheduleTicks } from './world/ticks.ts';

export interface Ask {
  readonly seed: number;
  readonly world: number;
  readonly program: Program;
  readonly hostility: Hostility;
  readonly targets: number | null;
  /** Numbers of the episodes that happen; null all. */
  readonly keep: ReadonlySet<number> | null;
  readonly verbose?: boolean;
  /** Ends there, without a calm end. */
  readonly until?: EpochMs;
}

export interface Ran {
  readonly world: World;
  readonly episodes: readonly Episode[];
  readonly breaks: readonly Break[];
}

/** So many breaks of one law are kept; after a bad turn the same law breaks again and again. */
const BREAKS_KEPT = 20;

/** One world from its first tick to a calm end. */
export async function runWorld(ask: Ask, tally: Tally): Promise<Ran> {
  const world = drawWorld(ask.seed, ask.world, ask.program, ask.hostility, ask.targets, ask.verbose === true);
  const { plan, loop } = world;
  const breaks: Break[] = [];
  world.hearing = hearingOf(world, [...LAWS, falseAlarms], breaks, tally);
  const episodes = drawEpisodes(world, ask.hostility.kinds).filter(
    ({ number }) => ask.keep?.has(number) ?? true,
  );
  for (const { kind } of episodes) countIn(tally.episodes, kind);
  await loop.runUntil(START);
  const endAll = scheduleEpisodes(world, episodes);
  scheduleTicks(world, 0, plan.ticks);
  const calmFrom = START + plan.ticks * plan.everyMs;
  await loop.runUntil(Math.min(calmFrom, ask.until ?? calmFrom));
  if (ask.until !== undefined && ask.until < calmFrom) return { world, episodes, breaks };
  endAll();
  cure(world);
  scheduleTicks(world, plan.ticks, plan.ticks + plan.epilogueTicks);
  const endsAt: EpochMs = calmFrom + plan.epilogueTicks * plan.everyMs + MINUTE_MS;
  await loop.runUntil(endsAt);
  world.hearing.ended();
  const ticks = plan.ticks + plan.epilogueTicks;
  tally.targetTicks += ticks * plan.targets;
  tally.simulatedMs += ticks * plan.everyMs * plan.targets;
  return { world, episodes, breaks };
}

/** A person sets everything right. */
function cure(world: World): void {
  world.watchdog.skewMs = 0;
  for (const target of world.targets) {
    for (const clock of [...target.nodes, target.database, target.api]) clock.skewMs = 0;
    if (target.listed !== 'yes') setListed(world, target, 'yes');
    for (const pod of [...target.pods]) {
      if (pod.terminatingAt !== null) {
        pod.terminatingAt = null;
        terminate(world, target, pod, 1_000);
      } else if (pod.wedge !== null) {
        tell(world, target, `a person deletes ${pod.name} (${pod.uid})`);
        terminate(world, target, pod, 10_000);
      }
    }
    for (const workload of target.workloads) completeByHand(world, target, workload);
  }
}

function hearingOf(world: World, laws: readonly Law[], breaks: Break[], tally: Tally): Hearing {
  const all = laws.map((law) => {
    let count = 0;
    const broken = (target: SimTarget | null, what: string) => {
      count += 1;
      if (count > BREAKS_KEPT) return;
      if (target !== null) tell(world, target, `LAW BROKEN, ${law.name}: ${what}`);
      const during = [...(target?.active ?? []), ...world.active].map(({ kind }) => kind);
      breaks.push({ law: law.name, at: world.loop.now(), target: target?.index ?? null, what, during });
    };
    return law.watch(world, broken, tally);
  });
  const each = <K extends keyof Hearing>(key: K) => all.flatMap((one) => one[key] ?? []) as Hearing[K][];
  const [removing, removed, sending, accepted] = [
    each('removing'),
    each('removed'),
    each('sending'),
    each('accepted'),
  ];
  const tickBegan = each('tickBegan');
  const [saved, tickEnded, overran, ended] = [
    each('saved'),
    each('tickEnded'),
    each('overran'),
    each('ended'),
  ];
  return {
    removing: (target, pod, process) => {
      for (const one of removing) one(target, pod, process);
    },
    removed: (target, pod, answer) => {
      for (const one of removed) one(target, pod, answer);
    },
    sending: (channel, notification) => {
      for (const one of sending) one(channel, notification);
    },
    accepted: (channel, notification) => {
      noteTaken(world, channel, notification);
      for (const one of accepted) one(channel, notification);
    },
    saved: (key, bytes) => {
      for (const one of saved) one(key, bytes);
    },
    tickBegan: () => {
      for (const one of tickBegan) one();
    },
    tickEnded: (process, failure) => {
      for (const one of tickEnded) one(process, failure);
    },
    overran: (process) => {
      for (const one of overran) one(process);
    },
    ended: () => {
      for (const one of ended) one();
    },
  };
}

/** What is told of the fleet belongs to everybody's story. */
function noteTaken(
  world: World,
  { channel }: SimChannel,
  { kind, severity, title, text, target }: Notification,
) {
  const own = world.byId.get(target);
  const line = `-> ${channel.name} ${own === undefined ? `${target} ` : ''}${kind} (${severity}) "${title}": ${text}`;
  for (const one of own === undefined ? world.targets : [own]) tell(world, one, line);
}
