import { expect, test } from '@jest/globals';
import { drill } from '../../functions/flow/drill.ts';
import { calmWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

async function rehearse(world: World, send = true) {
  const { ports } = world.start();
  const [target] = world.world.targets;
  if (target === undefined) throw new Error('there is no target');
  return drill(target, world.world.channels, { by: 'ann', send }, ports);
}

test('a drill goes the whole way and removes nobody: guards, dry run, marked messages, one entry in the ledger', async () => {
  const world = await calmWorld({ components: { scheduler: 2 } });
  const before = await world.stateOf();
  const from = world.log.length;
  const drilled = await rehearse(world);
  expect(drilled).toMatchObject({
    by: 'ann',
    decision: { kind: 'remove', cause: 'dead' },
    answer: { kind: 'deleted' },
    told: [
      { channel: 'slack', step: 'opened', answer: 'delivered' },
      { channel: 'slack', step: 'resolved', answer: 'delivered' },
      { channel: 'pager', step: 'opened', answer: 'delivered' },
      { channel: 'pager', step: 'resolved', answer: 'delivered' },
    ],
  });
  expect(world.removed).toEqual([]);
  expect(await world.stateOf()).toEqual(before);
  expect(world.lines(from, ['save'])).toEqual([]);
  const [entry] = await world.ledger('drill');
  expect(entry?.body).toMatchObject({ pod: drilled.pod, uid: drilled.uid, by: 'ann' });
  expect(world.sent.every(({ notification }) => notification.title.startsWith('DRILL: '))).toBe(true);
  expect(world.sent.every(({ notification }) => notification.text.startsWith('DRILL, nothing '))).toBe(true);
});

test('the next tick is as if there had been no drill', async () => {
  const world = await calmWorld();
  await rehearse(world);
  const report = await world.tick();
  expect(report.targets[0]).toMatchObject({ decision: { kind: 'rest' }, incident: null });
});

test('the guards are the real ones: a target in mode watch would be held, and the dry run is tried all the same', async () => {
  const world = await calmWorld({ policy: { mode: 'watch' } });
  const drilled = await rehearse(world);
  expect(drilled).toMatchObject({
    decision: { kind: 'hold', code: 'watch-mode' },
    answer: { kind: 'deleted' },
  });
});

test('what a removal needs and cannot learn holds it here, too', async () => {
  const world = await calmWorld();
  world.weather.workloadUnreadable = true;
  expect(await rehearse(world)).toMatchObject({ decision: { kind: 'hold', code: 'rolling-out' } });
});

test('a right that is missing is the answer of the dry run', async () => {
  const world = await calmWorld();
  world.weather.removals.push('forbidden');
  expect(await rehearse(world)).toMatchObject({ answer: { kind: 'forbidden' } });
});

test('a channel that does not take its message is named, and nothing waits for it', async () => {
  const world = await calmWorld();
  world.always.set('slack', { kind: 'refused', detail: 'no_service' });
  const { told } = await rehearse(world);
  expect(told.filter(({ channel }) => channel === 'slack')).toMatchObject([
    { answer: 'refused', detail: 'no_service' },
    { answer: 'refused', detail: 'no_service' },
  ]);
  expect((await world.stateOf()).outbox).toEqual([]);
});

test('a cluster that cannot be seen leaves nothing to rehearse, and the ledger says so', async () => {
  const world = await calmWorld();
  world.of('a').begin(world.of('a').blinds, world.clock.now());
  expect(await rehearse(world)).toMatchObject({ pod: null, why: expect.stringContaining('did not answer') });
  expect(world.sent).toEqual([]);
  expect(await world.ledger('drill')).toHaveLength(1);
});

test('without messages everything else is the same', async () => {
  const world = await calmWorld();
  expect(await rehearse(world, false)).toMatchObject({ answer: { kind: 'deleted' }, told: [] });
  expect(world.sent).toEqual([]);
});
