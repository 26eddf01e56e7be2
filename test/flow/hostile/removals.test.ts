import { describe, expect, test } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import type { SimPod } from '../../fakes/airflow.ts';
import { ageUntilNextTick, calmWorld } from '../../fakes/stories.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const POD_PORT = [{ kind: 'pod', port: 8974, path: '/health' }] as const;

const removedWell = (world: World) => world.removed.filter(({ wasWell }) => wasWell);

describe('a storm that comes while the tick is awake is counted at each intent', () => {
  const TEN = Array.from({ length: 10 }, (_, at) => ({ id: `t${at}` }));

  test.each([15, 20, 25, 30, 35, 38, 40])(
    'ten targets whose heartbeats stop up to %d s before a tick keep all their pods',
    async (youngest) => {
      const world = await calmWorld(...TEN);
      const nextTick = Math.ceil((world.clock.now() + 61_000) / MINUTE_MS) * MINUTE_MS;
      for (const [at, { id }] of TEN.entries()) {
        const pod = world.of(id).pod(world.clock.now());
        const stoppedAgo = 40 + ((youngest - 40) * at) / 9;
        pod.wedges.push({ from: nextTick - stoppedAgo * SECOND_MS, to: null });
      }
      await world.ticks(6);
      expect(world.removed).toEqual([]);
      expect(world.titles('pager').join()).toMatch(/storm: \d+ targets fell sick together/);
    },
  );

  test('a lone wedge beside nine calm targets does not wait for it', async () => {
    const world = await calmWorld(...TEN);
    ageUntilNextTick(world, 30_000);
    const pod = world.wedge('t4');
    await world.tick();
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });
});

describe("Airflow's own list of living instances", () => {
  test.each([0, 7, 13, 20, 29, 37, 44, 51])(
    'a loop of 40 s with a limit of 5 m costs no pod that leaves the list now and then (phase %d s)',
    async (phase) => {
      const world = createWorld([
        {
          policy: { heartbeatLimitMs: 5 * MINUTE_MS },
          target: {
            database: null,
            health: [...POD_PORT, { kind: 'url', url: 'https://a.example/instances' }],
          },
        },
      ]);
      const pod = world.of('a').pod(world.clock.now());
      pod.loops.push({ from: pod.firstBeatAt + phase * SECOND_MS, everyMs: 40_000 });
      await world.ticks(40);
      expect(world.removed).toEqual([]);
    },
  );
});

describe('one broken DAG run is no stall', () => {
  test.each([
    {
      name: 'a run that no scheduler decides',
      progress: { runningDags: 1, runningRuns: 1, decidedAgoSeconds: 4_000 },
    },
    {
      name: 'a queued run that never starts',
      progress: { runningDags: 0, runningRuns: 0, startableDags: 1, startableForSeconds: 4_000 },
    },
    {
      name: 'a DAG that is overdue',
      progress: { runningDags: 0, runningRuns: 0, overdueDags: 1, overdueForSeconds: 4_000 },
    },
    {
      name: 'tasks of one DAG that wait for ever',
      progress: {
        runningDags: 0,
        runningRuns: 0,
        pools: [
          {
            state: 'scheduled',
            pool: 'default_pool',
            slots: 128,
            tasks: 3,
            dags: 1,
            slotsAsked: 3,
            oldestSeconds: 4_000,
            lastQueuedAgoSeconds: 4_000,
          },
        ],
      },
    },
  ] as const)('$name, of five live DAGs', async ({ progress }) => {
    const world = await calmWorld();
    world.of('a').world.progress = progress;
    await world.ticks(30);
    expect(world.removed).toEqual([]);
    // The same of two DAGs, or of the only one, convicts: the witness is not switched off.
    const two = { ...progress, ...('pools' in progress ? { liveDags: 1 } : { liveDags: 1 }) };
    world.of('a').world.progress = two;
    await world.ticks(10);
    expect(world.removed).toHaveLength(1);
  });
});

describe('auto remembers slow loops', () => {
  const auto = { policy: { heartbeatLimitMs: 'auto' } } as const;
  const slow = (pod: SimPod, world: World, everySeconds: number) =>
    pod.loops.push({ from: world.clock.now() + 3_000, everyMs: everySeconds * SECOND_MS });

  test.each([1, 2, 3])(
    'a nightly spell of 55 s loops costs no pod the next night, with %d scheduler(s)',
    async (schedulers) => {
      const world = createWorld([{ components: { scheduler: schedulers }, ...auto }]);
      const pods = world.of('a').living(world.clock.now());
      for (const pod of pods) slow(pod, world, 55);
      await world.ticks(30);
      for (const night of [1, 2]) {
        for (const pod of pods) slow(pod, world, 5);
        await world.ticks(23 * 60);
        for (const pod of pods) slow(pod, world, 55);
        await world.ticks(60);
        expect({ night, removed: removedWell(world) }).toEqual({ night, removed: [] });
      }
    },
    60_000,
  );

  test('a 70 s loop is one story of an hour, not nine', async () => {
    const world = await calmWorld({ policy: { mode: 'watch' } });
    const pod = world.of('a').pod(world.clock.now());
    slow(pod, world, 70);
    await world.ticks(60);
    expect(world.kinds('slack').filter((kind) => kind === 'opened').length).toBeLessThanOrEqual(1);
    expect(world.kinds('slack').filter((kind) => kind === 'resolved')).toEqual([]);
  });
});

describe('starving: remove asks for memory that was read', () => {
  const probe = (world: World) => ({
    kind: 'errored' as const,
    message: 'Liveness probe errored: setns: cannot allocate memory',
    count: 3,
    lastAt: world.clock.now() - 20_000,
  });

  test.each([
    { name: 'memory that cannot be read', memory: null, removed: 0 },
    { name: 'memory without a limit', memory: { workingSetBytes: 1e9, limitBytes: null }, removed: 0 },
    { name: 'memory far from its limit', memory: { workingSetBytes: 4e8, limitBytes: 1e9 }, removed: 0 },
    { name: 'memory near its limit', memory: { workingSetBytes: 95e7, limitBytes: 1e9 }, removed: 1 },
  ])('$name: $removed removed', async ({ memory, removed }) => {
    const world = await calmWorld({ policy: { starving: 'remove' } });
    world.weather.memory = memory;
    for (let tick = 0; tick < 8; tick += 1) {
      world.weather.probes = world.removed.length > 0 ? [] : [probe(world)];
      await world.tick();
    }
    expect(world.removed).toHaveLength(removed);
  });
});
