import { expect, test } from '@jest/globals';
import { graduate } from '../../functions/commands/graduate.ts';
import type { Criterion } from '../../functions/core/graduation.ts';
import { HOUR_MS, MINUTE_MS } from '../../functions/core/time.ts';
import { drill } from '../../functions/flow/drill.ts';
import { recordedOutput } from '../fakes/output.ts';
import { ageUntilNextTick, calmWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { expectGolden } from './golden.ts';

const remembered = (world: World) => ({ ...world.start().ports, place: 'memory:' });

interface Said {
  readonly ready: boolean;
  readonly criteria: readonly Criterion[];
}

async function graduated(world: World) {
  const said = recordedOutput('graduate');
  const code = await graduate([], remembered(world), said.output);
  const { ready, criteria } = said.lines()[0] as Said;
  const of = (criterion: string) => criteria.find((one) => one.criterion === criterion);
  return { code, ready, criteria, of };
}

const watching = () => calmWorld({ policy: { mode: 'watch' } });

async function rehearse(world: World): Promise<void> {
  const [target] = world.world.targets;
  if (target === undefined) throw new Error('there is no target');
  await drill(target, world.world.channels, { by: 'ann', send: true }, world.start().ports);
}

/** A tick every three hours, for a week and a day, and some at the end. */
async function aWeek(world: World): Promise<void> {
  for (let at = 0; at < 64; at += 1) {
    world.clock.advanceTo(world.clock.now() + 3 * HOUR_MS);
    await world.tick();
  }
  await world.ticks(22);
}

test('a week of watching, a drill and witnesses that are proved make it ready', async () => {
  const world = await watching();
  await aWeek(world);
  await rehearse(world);
  await world.tick();
  const { code, ready, criteria } = await graduated(world);
  expect(criteria.filter(({ passed }) => !passed)).toEqual([]);
  expect([code, ready]).toEqual([0, true]);
  expect(criteria.every(({ run }) => run === null)).toBe(true);
});

test('for people one line per criterion, pass or what is missing and what to run', async () => {
  const world = await watching();
  await rehearse(world);
  const said = recordedOutput();
  expect(await graduate(['a'], remembered(world), said.output)).toBe(1);
  expectGolden('graduate.txt', said.text());
});

test('without a drill neither rights nor channels are proved, and it says what to run', async () => {
  const { code, of } = await graduated(await watching());
  expect(code).toBe(1);
  expect(of('rights')).toMatchObject({ passed: false, run: 'scheduler-watchdog doctor --target a' });
  expect(of('channels')).toMatchObject({ passed: false, run: 'scheduler-watchdog drill a' });
  expect(of('drill')).toMatchObject({ passed: false, run: 'scheduler-watchdog drill a' });
});

test('a channel that refused the drill is named', async () => {
  const world = await watching();
  world.always.set('pager', { kind: 'refused', detail: 'no such key' });
  await rehearse(world);
  const { of } = await graduated(world);
  expect(of('channels')).toMatchObject({ passed: false, says: 'did not take them: pager' });
  expect(of('drill')).toMatchObject({ passed: false });
});

/** Wedged for so many ticks; what became of it is up to the story. */
async function wedged(ticks: number) {
  const world = await watching();
  const pod = world.wedge();
  await world.ticks(ticks);
  return { world, pod };
}

test('a would-be removal of a pod that stays sick was right', async () => {
  const { world } = await wedged(12);
  const { of } = await graduated(world);
  expect(of('removals')).toMatchObject({
    passed: true,
    says: '1 removal(s) would have been made, of which later looks show 1 as right',
  });
});

test('a would-be removal of a pod that went on by itself within minutes was wrong', async () => {
  const { world, pod } = await wedged(3);
  world.of('a').end(pod.wedges, world.clock.now());
  await world.ticks(5);
  const { of } = await graduated(world);
  expect(of('removals')).toMatchObject({
    passed: false,
    says: expect.stringMatching(/1 removal.* 0 as right; a-scheduler-1 at .*well again by itself within/),
  });
});

test('one that went wrong twice counts twice', async () => {
  const { world, pod } = await wedged(3);
  world.of('a').end(pod.wedges, world.clock.now());
  await world.ticks(5);
  world.of('a').begin(pod.wedges, world.clock.now());
  await world.ticks(3);
  world.of('a').end(pod.wedges, world.clock.now());
  await world.ticks(3);
  const { of } = await graduated(world);
  expect(of('removals')?.says).toMatch(/^2 removal\(s\)/);
});

test('a would-be removal of a pod that somebody removed by hand was right', async () => {
  const { world, pod } = await wedged(3);
  world.of('a').terminate(pod, world.clock.now());
  await world.ticks(4);
  const { of } = await graduated(world);
  expect(of('removals')).toMatchObject({ passed: true });
});

test('a would-be removal of just now is not known yet, which is no pass', async () => {
  const { world } = await wedged(2);
  const { of } = await graduated(world);
  expect(of('removals')).toMatchObject({ passed: false, says: expect.stringMatching(/no later look/) });
});

test('a limit below what has proved healthy is no pass', async () => {
  const world = await calmWorld({ policy: { mode: 'watch', heartbeatLimitMs: 4 * MINUTE_MS } });
  await world.ticks(20);
  ageUntilNextTick(world, 25_000);
  const pod = world.wedge();
  await world.ticks(4);
  world.of('a').end(pod.wedges, world.clock.now());
  await world.ticks(6);
  expect((await graduated(world)).of('limit of scheduler')).toMatchObject({
    passed: false,
    says: expect.stringMatching(/^largest healthy age 2\d\d\.\d s, limit 4m: less than 1\.2 ×/),
  });
});

test('days without a tick are no days that were watched, and a watch that has ended is said', async () => {
  const world = await watching();
  await aWeek(world);
  world.clock.advanceTo(world.clock.now() + 26 * HOUR_MS);
  const { of } = await graduated(world);
  expect(of('watched')).toMatchObject({ passed: false, says: expect.stringMatching(/^0 day/) });
  expect(of('ticking')).toMatchObject({ passed: false });
});

test('a target that nobody knows is refused, and so is an empty list', async () => {
  const world = await watching();
  await expect(graduate(['b'], remembered(world), recordedOutput().output)).rejects.toThrow(
    'WD_TARGET_UNKNOWN',
  );
  world.world.targets = [];
  expect(await graduate([], remembered(world), recordedOutput().output)).toBe(2);
});
