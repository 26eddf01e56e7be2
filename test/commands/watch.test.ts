import { expect, test } from '@jest/globals';
import { type WatchOptions, watch } from '../../functions/commands/watch.ts';
import { WatchdogError } from '../../functions/core/errors.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { changeTarget } from '../../functions/flow/saved-state.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

const busy = new WatchdogError({
  code: 'WD_STATE_BUSY',
  what: 'the state file is in use',
  notDone: 'nothing was saved',
  run: 'Wait.',
});

/** Watches until so many ticks were begun. */
async function watchFor(
  world: World,
  ticks: number,
  failing: (tick: number) => boolean = () => false,
  more: Partial<WatchOptions> = {},
  json = false,
) {
  const stop = new AbortController();
  const { ports } = world.start();
  const began: number[] = [];
  const said = recordedOutput(json ? 'watch' : null);
  const counting = {
    ...ports,
    targets: {
      lastChannels: () => [],
      load: async () => {
        began.push(world.clock.now());
        if (began.length >= ticks) stop.abort();
        return ports.targets.load();
      },
    },
    state: {
      ...ports.state,
      load: async (key: string) => {
        if (failing(began.length)) throw busy;
        return ports.state.load(key);
      },
    },
  };
  const code = watch(
    {
      everyMs: MINUTE_MS,
      only: [],
      signal: stop.signal,
      surroundings: { version: '1.2.3', state: 'memory:', url: null, heartbeat: false },
      // The banner loads the list once more.
      loudness: 'quiet',
      board: null,
      deadMansSwitch: null,
      ...more,
    },
    counting,
    said.output,
  );
  return { code: await code.catch((error: unknown) => error), began, ...said };
}

test('ticks begin every minute, however long each takes, and the last one is finished', async () => {
  const { world, pod } = await wedgedWorld();
  const { code, began, err } = await watchFor(world, 4);
  expect(code).toBe(0);
  const [first = 0] = began;
  expect(began.map((at) => at - first)).toEqual([0, 1, 2, 3].map((minute) => minute * MINUTE_MS));
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  expect(world.kinds()).toEqual(['opened', 'resolved']);
  expect(err.at(-1)).toBe('stopped; nothing is left undone');
});

test('a tick that fails is said, and the next one goes on', async () => {
  const world = await calmWorld();
  const { code, began, err } = await watchFor(world, 4, (tick) => tick === 2);
  expect(code).toBe(0);
  expect(began).toHaveLength(4);
  expect(err.join('\n')).toContain('WD_STATE_BUSY: the state file is in use; nothing was saved.');
});

test('five failures in a row end it, for its supervisor to see', async () => {
  const { code, began } = await watchFor(await calmWorld(), 100, () => true);
  expect(code).toBe(busy);
  expect(began).toHaveLength(5);
});

test('a pause is news, and so is its end; in between it is not said again', async () => {
  const world = await calmWorld();
  const until = world.clock.now() + 2 * MINUTE_MS + 30_000;
  const pause = { by: 'ann', reason: 'node upgrade', until };
  await changeTarget(world.store, 'a', (state) => ({ ...state, pause }));
  const { text } = await watchFor(world, 5);
  const heads = text().match(/^a .*$/gm);
  expect(heads).toHaveLength(2);
  expect(text().match(/paused +by ann until/g)).toHaveLength(1);
});

test('the banner says what is watched, with which modes and channels, and where it is remembered', async () => {
  const world = await calmWorld({ id: 'one' }, { id: 'two' });
  const surroundings = {
    version: '1.2.3',
    state: 'sqlite:/var/lib/watchdog.db',
    url: 'http://127.0.0.1:9469',
    heartbeat: true,
  };
  const { err } = await watchFor(world, 2, undefined, { loudness: 'changes', surroundings });
  const text = err.join('\n');
  expect(text).toMatch(/^scheduler-watchdog 1\.2\.3 watches 2 target\(s\)/);
  for (const part of [
    /targets +one \(\w+\), two \(\w+\)/,
    /channels +\w+/,
    /state +sqlite:\/var\/lib\/watchdog\.db/,
  ])
    expect(text).toMatch(part);
  expect(text).toMatch(/ticks +every 1m, the first one now/);
  expect(text).toMatch(/listens +http:\/\/127\.0\.0\.1:9469\/healthz/);
  expect(text).toMatch(/dead|heartbeat +a URL is called/);
});

test('calm ticks say nothing but a summary every ten minutes', async () => {
  const { err, out } = await watchFor(await calmWorld(), 23, undefined, { loudness: 'changes' });
  expect(out).toEqual([]);
  const summaries = err.filter((line) => line.includes('1 of 1 target(s) well; next tick'));
  // The tick at the world's own time was done before it.
  expect(summaries).toHaveLength(2);
});

test('a wedged scheduler is told when it changes and not with every tick; --verbose tells all, --json every line', async () => {
  const linesOf = async (more: Partial<WatchOptions>, json = false) => {
    const { world } = await wedgedWorld();
    const said = await watchFor(world, 8, undefined, more, json);
    return {
      heads: said.out.filter((line) => / look\(s\) in /.test(line) || line.startsWith('{"target')).length,
      text: said.out.join('\n'),
    };
  };
  const quiet = await linesOf({ loudness: 'quiet' });
  expect(quiet.text).toMatch(/removed: deleted/);
  expect(quiet.heads).toBeLessThan(6);
  // The banner has loaded the list once, which counts as a tick here.
  expect((await linesOf({ loudness: 'all' })).heads).toBe(7);
  expect((await linesOf({ loudness: 'quiet' }, true)).heads).toBe(8);
});

test("each complete tick is shown on the board and told to the dead man's switch, a failed one is not", async () => {
  const told: string[] = [];
  const board = { ticked: () => void told.push('ticked'), failed: () => void told.push('failed') };
  const deadMansSwitch = async () => {
    told.push('switch');
    return 'the switch was not reached';
  };
  const { err } = await watchFor(await calmWorld(), 3, (tick) => tick === 2, { board, deadMansSwitch });
  expect(told).toEqual(['ticked', 'switch', 'failed', 'ticked', 'switch']);
  expect(err).toContain('the switch was not reached');
});
