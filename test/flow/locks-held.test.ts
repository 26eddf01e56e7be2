import { describe, expect, test } from '@jest/globals';
import type { DatabaseClient } from '../../functions/core/observation.ts';
import { calmWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

const STRANGER: DatabaseClient = {
  id: 4711,
  user: 'ann',
  address: '10.9.9.9',
  application: 'psql',
  state: 'idle in transaction',
  queryAgeSeconds: 1_000,
};
/** The same session without the right to see more of it. */
const HIDDEN: DatabaseClient = { ...STRANGER, address: null, state: null, queryAgeSeconds: null };

const TWO = { components: { scheduler: 2 } } as const;

function hold(world: World, holder: DatabaseClient, agesShown: boolean): () => void {
  const { transactions } = world.of('a');
  const one = { name: `3/${transactions.length}`, holder, agesShown, from: world.clock.now(), to: null };
  transactions.push(one);
  return () => world.of('a').end(transactions, world.clock.now());
}

const afterSeconds = (world: World, seconds: number) =>
  world.clock.advanceTo(world.clock.now() + seconds * 1_000);

describe('a stranger holds rows for twenty minutes, and nobody waits', () => {
  test.each([
    {
      name: 'who it is can be seen',
      holder: STRANGER,
      agesShown: true,
      kind: 'database-down',
      why: /session 4711 \(user ann, 10\.9\.9\.9, psql, idle in transaction, .*\) holds a lock on dag_run in a transaction open for \d+m/,
      title: 'a: the metadata database is sick',
    },
    {
      name: 'who it is is hidden',
      holder: HIDDEN,
      agesShown: false,
      kind: 'contradictory',
      why: /session 4711 \(user ann, psql\) holds a lock on dag_run in a transaction seen for \d+m.*docs\/database\.md/,
      title: 'a: the witnesses disagree',
    },
  ])('$name: nothing is removed, the holder is told, and the release resolves it', async (row) => {
    const world = await calmWorld(TWO);
    afterSeconds(world, 17);
    const release = hold(world, row.holder, row.agesShown);
    const reports = await world.ticks(20);
    expect(world.removed).toEqual([]);
    expect(reports.at(-1)?.targets[0]?.pods).toMatchObject(
      Array(2).fill({ cause: row.kind, why: expect.stringMatching(row.why) }),
    );
    const opened = world.sent.find(({ channel }) => channel === 'slack')?.notification;
    expect(opened).toMatchObject({ kind: 'opened', title: row.title });
    expect(opened?.text).toMatch(row.why);
    release();
    await world.ticks(10);
    expect(world.removed).toEqual([]);
    expect(world.kinds().at(-1)).toBe('resolved');
    expect(await world.stateOf()).toMatchObject({ incident: null, heldSince: {} });
  });

  test.each([
    { name: 'seen', holder: STRANGER, agesShown: true },
    { name: 'hidden', holder: HIDDEN, agesShown: false },
  ])('whatever second of the minute it lets go, nobody is removed afterwards ($name)', async (row) => {
    for (let second = 0; second < 60; second += 1) {
      const world = await calmWorld(TWO);
      afterSeconds(world, 59 - second);
      const release = hold(world, row.holder, row.agesShown);
      await world.ticks(10);
      afterSeconds(world, second);
      release();
      // Large deployments need a while to get going again.
      const airflow = world.of('a');
      for (const { stalls } of airflow.pods)
        stalls.push({ from: world.clock.now(), to: world.clock.now() + 10_000 });
      await world.ticks(8);
      expect([second, world.removed]).toEqual([second, []]);
      expect(await world.stateOf()).toMatchObject({ incident: null });
    }
  });

  test('the watchdog itself begins in the middle of it, without the right to see ages', async () => {
    const world = await calmWorld(TWO);
    hold(world, HIDDEN, false);
    // Nobody looks for ten minutes.
    afterSeconds(world, 600);
    await world.ticks(20);
    expect(world.removed).toEqual([]);
  });
});

describe('what excuses nothing', () => {
  test('nobody holds anything: a scheduler that does nothing goes', async () => {
    const world = await calmWorld();
    const airflow = world.of('a');
    airflow.begin(airflow.pod(world.clock.now()).stalls, world.clock.now());
    await world.ticks(8);
    expect(world.removed).toHaveLength(1);
  });

  test.each([
    { name: 'ages are seen', agesShown: true, by: 8 },
    { name: 'ages are hidden', agesShown: false, by: 10 },
  ])('transactions as short as Airflow’s, another one at each look; $name', async ({ agesShown, by }) => {
    const world = await calmWorld();
    const airflow = world.of('a');
    airflow.begin(airflow.pod(world.clock.now()).stalls, world.clock.now());
    world.weather.onLook = () => {
      airflow.end(airflow.transactions, world.clock.now());
      hold(world, agesShown ? STRANGER : HIDDEN, agesShown);
    };
    await world.ticks(by);
    expect(world.removed).toHaveLength(1);
  });
});
