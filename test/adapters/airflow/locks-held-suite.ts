import { expect, test } from '@jest/globals';
import type { HeldLock } from '../../../functions/core/observation.ts';
import { lockRig, until } from './locks-suite.ts';
import type { World } from './worlds.ts';

/** The rig of tests of what is held: looks as either role, and what a look tells of holders. */
export function heldRig(started: () => World) {
  const rig = lockRig(started);
  const looking = async (as: 'PLAIN' | 'STATS' = 'STATS'): Promise<readonly HeldLock[]> => {
    const { locks } = await rig.look(as);
    if (locks.kind !== 'answered') throw new Error(locks.detail);
    return locks.held;
  };
  return {
    ...rig,
    engine: () => started().engine,
    held: looking,
    /** What is held, as soon as so much is. */
    holders: (number: number, as: 'PLAIN' | 'STATS' = 'STATS') =>
      until(
        () => looking(as),
        (held) => held.length >= number,
      ),
  };
}

export type HeldRig = ReturnType<typeof heldRig>;

/** What a look must tell on any engine about who holds what nobody waits for. */
export function describeHeld(rig: HeldRig, names: (table: string) => string | null): void {
  test.each(['dag_run', 'dag', 'task_instance', 'slot_pool', 'job'])(
    'rows of %s that a stranger has locked are told with the holder, though nobody waits',
    async (table) => {
      await rig.stranger('BEGIN', `SELECT * FROM ${table} FOR UPDATE`);
      const { locks } = await rig.look();
      expect(locks).toMatchObject({ kind: 'answered', waits: [] });
      expect(await rig.holders(1)).toEqual([
        {
          on: names(table),
          holder: {
            id: expect.any(Number),
            user: expect.any(String),
            address: '127.0.0.1',
            application: null,
            state: 'idle in transaction',
            queryAgeSeconds: expect.any(Number),
          },
          transaction: expect.stringMatching(/\d/),
          transactionSeconds: expect.any(Number),
        },
      ]);
    },
  );

  test('what a scheduler passes by is told, and it waits for nobody', async () => {
    await rig.stranger('BEGIN', 'SELECT * FROM dag_run FOR UPDATE');
    const [stranger] = await rig.holders(1);
    await rig.stranger('BEGIN', 'SELECT * FROM dag_run FOR UPDATE SKIP LOCKED');
    const { locks } = await rig.look();
    if (locks.kind !== 'answered') throw new Error(locks.detail);
    expect(locks.waits).toEqual([]);
    expect(locks.held.map(({ transaction }) => transaction)).toContain(stranger?.transaction);
  });

  test('a transaction is the same in every look, and its age grows with it', async () => {
    const stranger = await rig.stranger('BEGIN', 'SELECT * FROM dag FOR UPDATE');
    const [before] = await rig.holders(1);
    const [later] = await until(
      () => rig.held(),
      ([one]) => (one?.transactionSeconds ?? 0) >= (before?.transactionSeconds ?? 0) + 1,
    );
    expect(later?.transaction).toBe(before?.transaction);
    expect(later?.transactionSeconds).toBeLessThan(15);
    await stranger.query('COMMIT');
    await stranger.query('BEGIN');
    await stranger.query('SELECT * FROM dag FOR UPDATE');
    const [next] = await until(
      () => rig.held(),
      ([one]) => one !== undefined && one.transaction !== before?.transaction,
    );
    expect(next?.holder.id).toBe(before?.holder.id);
  });

  test('who reads in a transaction and idles holds nothing', async () => {
    await rig.stranger('BEGIN', 'SELECT * FROM dag_run', 'SELECT * FROM dag', 'SELECT * FROM slot_pool');
    expect(await rig.held()).toEqual([]);
  });

  test('short transactions, as Airflow makes them, leave nothing behind', async () => {
    const scheduler = await rig.stranger();
    for (let loop = 0; loop < 20; loop += 1)
      for (const statement of [
        'BEGIN',
        'SELECT * FROM dag_run FOR UPDATE SKIP LOCKED',
        "UPDATE job SET latest_heartbeat = CURRENT_TIMESTAMP WHERE state = 'running'",
        'COMMIT',
      ])
        await scheduler.query(statement);
    expect(await rig.held()).toEqual([]);
  });

  test('at most twenty are told, the oldest', async () => {
    const share = rig.engine() === 'postgres' ? 'FOR SHARE' : 'LOCK IN SHARE MODE';
    const oldest = await rig.stranger('BEGIN', `SELECT * FROM slot_pool ${share}`);
    // MariaDB counts in whole seconds.
    const [first] = await until(
      () => rig.held(),
      ([one]) => (one?.transactionSeconds ?? 0) >= 2,
    );
    for (let number = 0; number < 24; number += 1)
      await rig.stranger('BEGIN', `SELECT * FROM slot_pool ${share}`);
    const held = await rig.holders(20);
    expect(held).toHaveLength(20);
    expect(held.map(({ transaction }) => transaction)).toContain(first?.transaction);
    await oldest.query('ROLLBACK');
  });
}
