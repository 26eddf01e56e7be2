import { describe, expect, test } from '@jest/globals';
import { WatchdogError } from '../../functions/core/errors.ts';
import { exitCodeOf } from '../../functions/core/report.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

const BAD = {
  id: 'broken',
  source: 'targets/broken.yaml',
  problems: [{ path: 'namespace', found: 'nothing', expected: 'a text', didYouMean: null }],
};

const unreadable = new WatchdogError({
  code: 'WD_TARGETS_UNREADABLE',
  what: 'the targets cannot be read',
  notDone: 'no target was looked at',
  run: 'Mend it.',
});

describe('a list that cannot be used does nothing and says so', () => {
  test('unreadable: told once, on the channels of the last list that could be read', async () => {
    const { world } = await wedgedWorld();
    world.world.listError = unreadable;
    const reports = await world.ticks(5);
    expect(reports.map(exitCodeOf)).toEqual([2, 2, 2, 2, 2]);
    expect(reports[0]?.nothingDone).toEqual(unreadable.explained);
    expect(world.titles('slack')).toEqual(['the target list cannot be used']);
    expect(world.removed).toEqual([]);
    world.world.listError = null;
    await world.ticks(1);
    expect((await world.fleet())?.incident).toBeNull();
    expect(world.removed).toHaveLength(1);
  });

  test('an error that nobody explained fails the tick', async () => {
    const world = await calmWorld();
    world.world.listError = new TypeError('undefined is not a list');
    await expect(world.tick()).rejects.toThrow('undefined is not a list');
  });

  test('empty: told once on every channel, and resolved', async () => {
    const world = await calmWorld();
    const targets = world.world.targets;
    world.world.targets = [];
    const reports = await world.ticks(3);
    expect(reports[0]?.nothingDone?.code).toBe('WD_TARGETS_EMPTY');
    expect(world.titles('slack')).toEqual(['the target list cannot be used']);
    expect(world.titles('pager')).toHaveLength(1);
    world.world.targets = targets;
    await world.ticks(1);
    expect(world.kinds()).toEqual(['opened', 'resolved']);
  });

  test('empty, without leave to act: nothing is saved or sent', async () => {
    const world = await calmWorld();
    world.world.targets = [];
    const from = world.log.length;
    expect(exitCodeOf(await world.tick({ acting: false }))).toBe(2);
    expect(world.lines(from, ['save', 'append', 'send'])).toEqual([]);
  });

  test.each([
    { name: 'an unknown target', only: ['z'], code: 'WD_TARGET_UNKNOWN', what: /no target "z"; known are a/ },
    {
      name: 'a target whose document is wrong',
      only: ['broken'],
      code: 'WD_TARGETS_EMPTY',
      what: /the document of "broken" cannot be used/,
    },
  ])('$name named by --target', async ({ only, code, what }) => {
    const world = await calmWorld();
    world.world.bad = [BAD];
    const from = world.log.length;
    const report = await world.tick({ only, acting: false });
    expect(report.nothingDone).toMatchObject({ code, what: expect.stringMatching(what) });
    expect(exitCodeOf(report)).toBe(2);
    expect(world.lines(from)).toEqual([]);
  });
});

test('one bad document does not keep the good ones from being watched, and is told once', async () => {
  const { world } = await wedgedWorld();
  world.world.bad = [BAD];
  const [first] = await world.ticks(3);
  expect(first?.bad).toEqual([BAD]);
  expect(world.removed).toHaveLength(1);
  expect(world.titles().filter((title) => title === 'part of the target list cannot be used')).toHaveLength(
    1,
  );
});

describe('what goes wrong with one target never stops the others', () => {
  test('a surprise is a defect', async () => {
    const { world, pod } = await wedgedWorld({}, { id: 'b' });
    world.weather.broken.add('b');
    const report = await world.tick();
    expect(report.defects).toEqual([expect.stringMatching(/^b: TypeError: pods of undefined\n {4}at /)]);
    expect(exitCodeOf(report)).toBe(70);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    expect(world.kinds()).toEqual(['opened']);
  });

  test('an error a person can mend fails the tick, but only once the others are done', async () => {
    const { world, pod } = await wedgedWorld({}, { id: 'b' });
    const stored = await world.store.load('b');
    await world.store.save('b', { schema: 3 }, stored?.version ?? 0);
    await expect(world.tick()).rejects.toThrow(/WD_STATE_NEWER: the state of "b" has schema 3/);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    expect((await world.stateOf()).remediations[0]?.answer?.kind).toBe('deleted');
    expect(world.kinds()).toEqual(['opened']);
  });

  test('a store that cannot be read at all fails the tick before anything is removed', async () => {
    const { world } = await wedgedWorld();
    world.nextMinute();
    const { ports } = world.start();
    const load = async () => Promise.reject(new Error('the table is gone'));
    await expect(world.run({ ...ports, state: { ...ports.state, load } })).rejects.toThrow(
      'the table is gone',
    );
    expect(world.removed).toEqual([]);
  });
});

const TEN = Array.from({ length: 10 }, (_, at) => ({ id: `t${at}` }));

async function storm(sick = 4): Promise<World> {
  const world = await calmWorld(...TEN);
  for (const { id } of TEN.slice(0, sick)) world.wedge(id);
  world.clock.advanceTo(world.clock.now() + 70_000);
  return world;
}

function healAll(world: World, ids: readonly string[]): void {
  for (const id of ids) for (const pod of world.of(id).pods) world.of(id).end(pod.wedges, world.clock.now());
}

describe('a storm', () => {
  test('holds every removal and is one alert, not one per target', async () => {
    const world = await storm();
    const reports = await world.ticks(5);
    expect(world.removed).toEqual([]);
    expect(reports.every(({ storm }) => storm)).toBe(true);
    expect(reports[0]?.targets[0]?.decision).toMatchObject({ kind: 'hold', code: 'storm' });
    for (const channel of ['slack', 'pager'])
      expect(world.titles(channel)).toEqual(['storm: 4 targets fell sick together']);
  });

  test('is followed by a cool-down, then the ones that are still sick get their turn', async () => {
    const world = await storm();
    await world.ticks(2);
    healAll(world, ['t0', 't1', 't2']);
    const after = await world.ticks(8);
    expect(world.removed).toEqual([]);
    expect(after.at(-1)?.targets.find(({ target }) => target === 't3')?.decision).toMatchObject({
      code: 'storm',
      why: expect.stringContaining('cool-down until'),
    });
    await world.ticks(6);
    expect(world.removed.map(({ target }) => target)).toEqual(['t3']);
    expect(world.kinds('pager').filter((kind) => kind === 'resolved').length).toBeGreaterThanOrEqual(1);
  });

  test('counts targets whose looks break as sick', async () => {
    const world = await storm(2);
    world.weather.broken.add('t8').add('t9');
    const report = await world.tick();
    expect(report.storm).toBe(true);
    expect(world.removed).toEqual([]);
  });

  test('of two sick targets in ten is none', async () => {
    const world = await storm(2);
    await world.tick();
    expect(world.removed).toHaveLength(1);
    // The other one goes in the next slot: a tenth of the fleet at a time.
    await world.tick();
    expect(world.removed.map(({ target }) => target).toSorted()).toEqual(['t0', 't1']);
  });

  test.each([
    { name: 'the same tick delivered again', again: (world: World) => world.run(world.start().ports) },
    { name: 'a run over one target', again: (world: World) => world.tick({ only: ['t9'] }) },
    {
      name: 'a tick in which the sick targets break',
      again: (world: World) => {
        for (const id of ['t0', 't1']) world.weather.broken.add(id);
        healAll(world, ['t2', 't3']);
        return world.tick();
      },
    },
  ])('is not called over by $name', async ({ again }) => {
    const world = await storm();
    await world.tick();
    await again(world);
    expect((await world.fleet())?.storm?.members).toEqual(['t0', 't1', 't2', 't3']);
    expect(world.kinds()).toEqual(['opened']);
  });
});

test('exit codes tell well, wrong and blind apart', async () => {
  const world = await calmWorld();
  expect(exitCodeOf(await world.tick())).toBe(0);
  const { begin, end, blinds } = world.of('a');
  begin(blinds, world.clock.now());
  expect(exitCodeOf(await world.tick())).toBe(3);
  end(blinds, world.clock.now());
  world.wedge();
  world.clock.advanceTo(world.clock.now() + 70_000);
  expect(exitCodeOf(await world.tick())).toBe(1);
});
