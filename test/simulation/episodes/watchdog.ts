import { SECOND_MS } from '../../../functions/core/time.ts';
import type { Mood, Watchdog } from '../world/model.ts';
import { setDocument, setListed } from '../world/target-list.ts';
import { outage } from './databases.ts';
import { apiServer } from './outside.ts';
import type { EpisodeKind, Stage } from './stage.ts';

/** Sets one thing of the watchdog's own for a while. */
function own<K extends keyof Watchdog>(key: K, to: (stage: Stage) => Watchdog[K], back: Watchdog[K]) {
  return (stage: Stage): (() => void) => {
    const { watchdog } = stage.world;
    watchdog[key] = to(stage);
    return () => {
      watchdog[key] = back;
    };
  };
}

function kills({ world, random }: Stage): () => void {
  const { watchdog, plan, loop } = world;
  let isOn = true;
  const next = () => {
    if (!isOn) return;
    watchdog.killAfter = random.whole(0, 12 * Math.min(plan.targets, 40));
    watchdog.lastBadAt = loop.now();
    loop.at(loop.now() + plan.everyMs * random.whole(1, 3), next);
  };
  next();
  return () => {
    isOn = false;
    watchdog.killAfter = null;
  };
}

function clockJump({ world, random }: Stage): () => void {
  const { watchdog } = world;
  const jumpMs = random.pick([-1, 1]) * random.spread(1, 600) * SECOND_MS;
  watchdog.skewMs += jumpMs;
  watchdog.largestJumpMs = Math.max(watchdog.largestJumpMs, Math.abs(jumpMs));
  return () => {
    watchdog.skewMs -= jumpMs;
  };
}

function channelMood(mood: Mood) {
  return ({ world, random }: Stage): (() => void) => {
    const channel = random.pick(world.channels);
    channel.mood = mood;
    return () => {
      channel.lastBadAt = world.loop.now();
      channel.mood = 'ok';
    };
  };
}

/** Many targets share what fails: each is struck within seconds of the others. */
function shared(strike: (stage: Stage) => (() => void) | null) {
  return (stage: Stage): (() => void) => {
    const { world, random } = stage;
    const share = random.pick([0.2, 0.5, 1]);
    const ends: ((() => void) | null)[] = [];
    let isOver = false;
    for (const target of world.targets) {
      if (!random.chance(share)) continue;
      world.loop.at(world.loop.now() + random.between(0, 5) * SECOND_MS, () => {
        if (!isOver) ends.push(strike({ ...stage, target }));
      });
    }
    return () => {
      isOver = true;
      for (const end of ends) end?.();
    };
  };
}

function listed(to: 'no' | 'broken') {
  return ({ world, target }: Stage): (() => void) => {
    setListed(world, target, to);
    return () => setListed(world, target, 'yes');
  };
}

function renamed({ world, target, episode }: Stage): null {
  setDocument(world, target, { ...target.document, id: `${target.name}-${episode.number}` });
  return null;
}

const kind = (
  name: string,
  scope: EpisodeKind['scope'],
  weight: number,
  lasts: EpisodeKind['lasts'],
  begin: EpisodeKind['begin'],
  isHarmless = false,
): EpisodeKind => ({ kind: name, weight, scope, lasts, begin, isHarmless });

export const WATCHDOG: readonly EpisodeKind[] = [
  kind(
    'ticks-lost',
    'watchdog',
    2,
    [1, 10],
    own('loseTicks', ({ random }) => random.whole(1, 6), 0),
  ),
  kind(
    'ticks-late',
    'watchdog',
    3,
    [2, 30],
    own('lateMs', ({ random }) => random.spread(2, 150) * SECOND_MS, 0),
  ),
  kind(
    'ticks-doubled',
    'watchdog',
    3,
    [5, 30],
    own('doubleTicks', ({ random }) => random.whole(2, 15), 0),
  ),
  kind('runs-killed', 'watchdog', 4, [5, 60], kills),
  kind(
    'starved',
    'watchdog',
    3,
    [5, 60],
    own('starved', ({ random }) => random.spread(3, 60), 1),
  ),
  kind('clock-jumps', 'watchdog', 2, [5, 120], clockJump),
  kind(
    'store-refuses',
    'watchdog',
    2,
    [1, 30],
    own('storeMood', () => 'refusing', 'ok'),
  ),
  kind(
    'store-throttles',
    'watchdog',
    2,
    [1, 60],
    own('storeMood', () => 'throttling', 'ok'),
  ),
  kind(
    'store-conflicts',
    'watchdog',
    2,
    [5, 60],
    own('storeMood', () => 'conflicting', 'ok'),
  ),
  kind(
    'list-unreadable',
    'watchdog',
    2,
    [1, 60],
    own('list', () => 'unreadable', 'ok'),
  ),
  kind(
    'list-stale',
    'watchdog',
    1,
    [1, 60],
    own('list', () => 'stale', 'ok'),
  ),
  kind(
    'list-empty',
    'watchdog',
    1,
    [1, 30],
    own('list', () => 'empty', 'ok'),
  ),
  kind('channel-later', 'watchdog', 2, [5, 120], channelMood('later'), true),
  kind('channel-refuses', 'watchdog', 3, [5, 300], channelMood('refusing'), true),
  kind('channel-hangs', 'watchdog', 2, [5, 300], channelMood('hanging'), true),
  kind('channel-throws', 'watchdog', 1, [5, 60], channelMood('throwing'), true),
  kind('channel-loses-answers', 'watchdog', 1, [5, 60], channelMood('losing-answers'), true),
  kind('shared-database-freeze', 'fleet', 3, [0.2, 10], shared(outage('frozen', false))),
  kind('shared-database-outage', 'fleet', 2, [0.5, 30], shared(outage('down', true))),
  kind('shared-database-read-only', 'fleet', 2, [0.5, 10], shared(outage('read-only', false))),
  kind('shared-api-hangs', 'fleet', 2, [0.5, 30], shared(apiServer('hanging'))),
  kind('shared-api-throttles', 'fleet', 2, [0.5, 30], shared(apiServer('throttled'))),
  kind('target-off-the-list', 'target', 1, [5, 300], listed('no')),
  kind('target-broken', 'target', 1, [5, 120], listed('broken')),
  kind('target-renamed', 'target', 1, [5, 6], renamed),
];
