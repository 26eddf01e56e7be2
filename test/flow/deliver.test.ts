import { describe, expect, test } from '@jest/globals';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

const STORY = ['opened', 'resolved'];
const later = { kind: 'later', afterMs: 5 * MINUTE_MS, detail: '429' } as const;
const refused = { kind: 'refused', detail: 'invalid routing key' } as const;

const triesOf = (world: World, channel: string) =>
  world.log.filter(({ kind, detail }) => kind === 'send' && detail.startsWith(channel));

test('a channel that asks for time gets it, the other one does not wait for it, and the order is kept', async () => {
  const { world } = await wedgedWorld();
  world.answers.set('slack', [later]);
  await world.ticks(4);
  expect(world.kinds('pager')).toEqual(STORY);
  expect(world.kinds('slack')).toEqual([]);
  expect(triesOf(world, 'slack')).toHaveLength(1);
  await world.ticks(3);
  expect(world.kinds('slack')).toEqual(STORY);
  const [first, second] = triesOf(world, 'slack');
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5 * MINUTE_MS);
  expect((await world.stateOf()).outbox).toEqual([]);
});

test('what is not delivered yet is counted', async () => {
  const { world } = await wedgedWorld();
  world.always.set('slack', later);
  const report = await world.tick();
  expect(report.undelivered).toBe(1);
});

describe('a channel that refuses', () => {
  test('is told of on the other one once, and tried again a quarter of an hour later', async () => {
    const { world } = await wedgedWorld();
    world.always.set('pager', refused);
    await world.ticks(14);
    const notes = world.sent.filter(({ notification }) => notification.kind === 'note');
    expect(
      notes.filter(({ channel }) => channel === 'slack').map(({ notification }) => notification),
    ).toEqual([
      expect.objectContaining({
        title: 'channel "pager" refuses alerts',
        severity: 'warning',
        text: expect.stringContaining(
          'invalid routing key. Not delivered there: "a: scheduler dead, a-scheduler-1 was removed',
        ),
      }),
    ]);
    // What comes after a refused alert is not held up by it.
    expect(triesOf(world, 'pager')).toHaveLength(2);
    world.always.delete('pager');
    await world.ticks(5);
    expect(world.kinds('pager')).toEqual(STORY);
  });

  test('does not start a quarrel when all of them refuse', async () => {
    const { world } = await wedgedWorld();
    for (const channel of ['slack', 'pager', 'console']) world.always.set(channel, refused);
    await world.ticks(200);
    expect((await world.stateOf()).outbox.length).toBeLessThan(15);
    expect(world.watched.largestBytes).toBeLessThan(100_000);
  });
});

test('what a channel does not take for an hour is told on the other one, once', async () => {
  const { world } = await wedgedWorld();
  world.always.set('pager', later);
  await world.ticks(59);
  expect(world.titles('slack').filter((title) => title.includes('pager'))).toEqual([]);
  await world.ticks(60);
  expect(world.titles('slack').filter((title) => title.includes('pager'))).toEqual([
    'channel "pager" does not get alerts',
  ]);
  const entries = await world.store.history({ target: 'a', limit: 10, kind: 'undelivered' });
  expect(entries.map(({ body }) => body)).toEqual([
    expect.objectContaining({ channel: 'pager', how: 'silent', detail: '429' }),
  ]);
});

test('what a notifier wants to be kept comes back with the next message of the incident, also from a failed try', async () => {
  const { world } = await wedgedWorld();
  world.answers.set('slack', [
    { ...later, afterMs: 1, memo: 'maybe' },
    { kind: 'delivered', memo: 'ts-1' },
  ]);
  await world.ticks(6);
  expect(world.memos.get('slack')).toEqual([null, 'maybe', 'ts-1']);
  expect((await world.stateOf()).routing.followed).toEqual([]);
});

test('an alert that nobody takes for a day leaves the outbox', async () => {
  const { world } = await wedgedWorld();
  world.always.set('slack', { kind: 'later', afterMs: 1, detail: '503' });
  await world.ticks(60);
  expect((await world.stateOf()).outbox).toHaveLength(2);
  // Every try waits longer, so that a channel in trouble is not hammered.
  expect(triesOf(world, 'slack').length).toBeLessThan(15);
  world.clock.advanceTo(world.clock.now() + 24 * 60 * MINUTE_MS);
  await world.ticks(20);
  expect((await world.stateOf()).outbox).toEqual([]);
});

test('a channel that is missing for a while loses nothing', async () => {
  const { world } = await wedgedWorld();
  const { channels, targets } = world.world;
  world.world.targets = targets.map((target) => ({ ...target, channels: ['slack', 'pager'] }));
  world.world.channels = channels.filter(({ name }) => name !== 'pager');
  await world.ticks(4);
  expect(world.kinds('slack')).toEqual(STORY);
  world.world.channels = channels;
  await world.ticks(4);
  expect(world.kinds('pager')).toEqual(STORY);
});

test('a notifier that throws is a defect, and what the others sent is not sent again', async () => {
  const { world } = await wedgedWorld();
  world.always.set('pager', new TypeError('no body'));
  const reports = await world.ticks(5);
  expect(reports[0]?.defects).toEqual([expect.stringMatching(/^a: TypeError: no body/)]);
  const ids = world.sent
    .filter(({ channel }) => channel === 'slack')
    .map(({ notification }) => notification.id);
  expect(new Set(ids).size).toBe(ids.length);
  world.always.delete('pager');
  await world.ticks(3);
  expect(world.kinds('slack')).toEqual(STORY);
  expect(world.kinds('pager')).toEqual(STORY);
});

test('whoever loses the race leaves the alerts to the winner', async () => {
  const { world } = await wedgedWorld({ policy: { mode: 'watch' } });
  world.answers.set('slack', [{ kind: 'later', afterMs: 1, detail: '503' }]);
  await world.tick();
  const from = world.log.length;
  await world.tick({ fate: { conflicts: [0] } });
  expect(world.lines(from, ['send'])).toEqual([]);
  await world.tick();
  expect(world.kinds('slack')).toEqual(['opened']);
});

test('a run that dies between sending and marking sends again, with the same id', async () => {
  const { world } = await wedgedWorld();
  await world.dyingTick({ crash: { at: 10, when: 'before' } });
  expect(world.kinds('slack')).toEqual(['opened']);
  await world.ticks(4);
  const ids = world.sent
    .filter(({ channel }) => channel === 'slack')
    .map(({ notification }) => notification.id);
  expect(ids[1]).toBe(ids[0]);
  expect(world.kinds('slack')).toEqual(['opened', ...STORY]);
});
