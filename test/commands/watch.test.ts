import { expect, test } from '@jest/globals';
import { watch } from '../../functions/commands/watch.ts';
import { WatchdogError } from '../../functions/core/errors.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
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
async function watchFor(world: World, ticks: number, failing: (tick: number) => boolean = () => false) {
  const stop = new AbortController();
  const { ports } = world.start();
  const began: number[] = [];
  const said = recordedOutput();
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
  const code = watch({ everyMs: MINUTE_MS, only: [], signal: stop.signal }, counting, said.output);
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
