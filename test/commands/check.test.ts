import { describe, expect, test } from '@jest/globals';
import { check } from '../../functions/commands/check.ts';
import { changeTarget } from '../../functions/flow/saved-state.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld, wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { expectGolden } from './golden.ts';

async function say(world: World, { act = false, json = false, only = [] as readonly string[] } = {}) {
  world.nextMinute();
  const said = recordedOutput(json ? 'check' : null);
  const code = await check({ act, only }, world.start().ports, said.output);
  return { code, ...said };
}

test('a healthy target', async () => {
  const world = await calmWorld({ components: { scheduler: 2, triggerer: 1 } });
  const { code, text, err } = await say(world);
  expect(code).toBe(0);
  expect(err).toEqual([]);
  expectGolden('check-healthy.txt', text());
});

test('a dead scheduler that may not be removed, with every hold', async () => {
  const { world, pod } = await wedgedWorld({ policy: { mode: 'watch' }, components: { scheduler: 2 } });
  pod.owner = null;
  const { code, text } = await say(world);
  expect(code).toBe(1);
  expectGolden('check-held.txt', text());
});

test('a dead scheduler that is removed', async () => {
  const { world } = await wedgedWorld({ components: { scheduler: 2 } });
  const { code, text } = await say(world, { act: true });
  expect(code).toBe(1);
  expectGolden('check-removed.txt', text());
});

const paused = { by: 'ann', reason: 'node upgrade', until: Date.UTC(2026, 10, 23, 5) };

test('a pause is said though nothing is held', async () => {
  const world = await calmWorld({ components: { scheduler: 2 } });
  await changeTarget(world.store, 'a', (state) => ({ ...state, pause: paused }));
  const { code, text } = await say(world);
  expect(code).toBe(0);
  expectGolden('check-paused.txt', text());
  const { lines } = await say(world, { json: true });
  expect(lines()).toMatchObject([
    {
      decision: { kind: 'rest' },
      pause: { by: 'ann', reason: 'node upgrade', until: '2026-11-23T05:00:00.000Z' },
    },
  ]);
});

test('a pause that is over is not said', async () => {
  const world = await calmWorld();
  const until = world.clock.now();
  await changeTarget(world.store, 'a', (state) => ({ ...state, pause: { ...paused, until } }));
  const { lines } = await say(world, { json: true });
  expect(lines()).toMatchObject([{ pause: null }]);
});

test('a target that cannot be seen', async () => {
  const world = await calmWorld();
  world.of('a').begin(world.of('a').blinds, world.clock.now());
  const { code, text } = await say(world);
  expect(code).toBe(3);
  expectGolden('check-blind.txt', text());
});

test('a database that is down', async () => {
  const world = await calmWorld({ components: { scheduler: 2 } });
  world.of('a').begin(world.of('a').outages, world.clock.now());
  const { code, text } = await say(world);
  expect(code).toBe(1);
  expectGolden('check-database-down.txt', text());
});

test('a bad document beside a good one', async () => {
  const world = await calmWorld();
  world.world.bad = [
    {
      id: 'b',
      source: 'targets/b.yaml',
      problems: [
        { path: 'policy.failurs', found: 'an unknown key', expected: 'no such key', didYouMean: 'failures' },
      ],
    },
  ];
  const { code, text } = await say(world);
  expect(code).toBe(3);
  expectGolden('check-bad-document.txt', text());
});

test('one JSON line per target, of the shape of the contract', async () => {
  const { world, pod } = await wedgedWorld({
    target: { health: [{ kind: 'pod', port: 8974, path: '/health' }] },
  });
  const { code, lines, err } = await say(world, { act: true, json: true });
  expect(code).toBe(1);
  expect(err).toEqual([]);
  expect(lines()).toEqual([
    {
      target: 'a',
      tick: '2026-11-23T03:10:00.000Z',
      lookedForMs: 15_000,
      looks: 7,
      pods: [
        {
          component: 'scheduler',
          pod: 'a-scheduler-1',
          uid: pod.uid,
          cause: 'dead',
          why: 'heartbeat 136.3 s old, limit 45s; its health server answers 503',
          rule: 'dead',
          streak: 7,
          signals: {
            heartbeat: {
              kind: 'answered',
              tookMs: 2,
              source: 'database',
              sourceNow: 1_795_403_415_000,
              ageSeconds: 136.3,
              beatingForSeconds: 4070.7,
              jobId: 101,
              limitSeconds: 45,
              state: 'running',
            },
            http: {
              kind: 'answered',
              tookMs: 0,
              from: 'scheduler',
              status: 503,
              says: 'unhealthy',
              database: null,
            },
            progress: {
              kind: 'answered',
              motion: 'moving',
              decidedAgoSeconds: 135.3,
              why: '3 running DAG run(s), last decision 135 s ago',
            },
            kubelet: {
              kind: 'answered',
              phase: 'Running',
              restarts: 0,
              ready: true,
              lastTermination: null,
              probeEvents: [],
              memory: null,
            },
          },
        },
      ],
      decision: {
        kind: 'remove',
        component: 'scheduler',
        pod: 'a-scheduler-1',
        uid: pod.uid,
        cause: 'dead',
        why: 'heartbeat 136.3 s old, limit 45s; its health server answers 503',
        answer: 'deleted',
      },
      conditions: [
        {
          subject: `pod ${pod.uid}`,
          kind: 'dead',
          since: expect.any(Number),
          severity: 'critical',
          title: 'a: scheduler dead, a-scheduler-1 was removed, waiting for proof',
        },
      ],
      pause: null,
      self: [],
      incident: 'a-2026-11-23T03-10-00Z',
    },
  ]);
});

describe('in JSON', () => {
  test('a hold has its code and all codes', async () => {
    const { world, pod } = await wedgedWorld({ policy: { mode: 'watch' } });
    pod.owner = null;
    const { lines } = await say(world, { json: true });
    expect(lines()).toMatchObject([
      {
        decision: {
          kind: 'hold',
          code: 'watch-mode',
          why: 'mode is watch; set policy.mode: remediate to let it act',
          holds: [{ code: 'watch-mode' }, { code: 'not-acting' }, { code: 'not-owned' }],
        },
      },
    ]);
  });

  test('a target that is well rests', async () => {
    const { lines } = await say(await calmWorld(), { json: true });
    expect(lines()).toMatchObject([{ decision: { kind: 'rest' }, incident: null }]);
  });

  test('a defect is an error line beside the lines of the others, and ends with 70', async () => {
    const world = await calmWorld({}, { id: 'b' });
    world.weather.broken.add('b');
    const { code, lines } = await say(world, { json: true });
    expect(code).toBe(70);
    expect(lines()).toEqual([
      expect.objectContaining({ target: 'a' }),
      {
        error: expect.objectContaining({
          code: 'WD_INTERNAL',
          what: expect.stringContaining('b: TypeError'),
        }),
      },
    ]);
  });

  test('an empty list is an error line and ends with 2', async () => {
    const world = await calmWorld();
    world.world.targets = [];
    const { code, lines } = await say(world, { json: true });
    expect(code).toBe(2);
    expect(lines()).toEqual([{ error: expect.objectContaining({ code: 'WD_TARGETS_EMPTY' }) }]);
  });
});
