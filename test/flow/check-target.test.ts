import { describe, expect, test } from '@jest/globals';
import { learnAge, NO_AGES, worstAge } from '../../functions/core/ages.ts';
import { budgetLeft } from '../../functions/core/budget.ts';
import { DEFAULT_POLICY } from '../../functions/core/policy.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { changeTarget } from '../../functions/flow/saved-state.ts';
import type { SimPod } from '../fakes/airflow.ts';
import { ageUntilNextTick, calmWorld, wedgedWorld } from '../fakes/stories.ts';
import { createWorld, type World, type WorldTarget } from '../fakes/world.ts';

test('a wedged scheduler is removed once, within one tick: watched for longer than a reconnect takes, then intent before delete', async () => {
  const { world, pod } = await wedgedWorld();
  const from = world.log.length;
  const report = await world.tick();
  expect(report.targets[0]).toMatchObject({
    looks: 7,
    decision: { kind: 'remove', uid: pod.uid, cause: 'dead', answer: 'deleted' },
    incident: expect.stringMatching(/^a-2026-11-23T03-/),
  });
  const look = ['pods a', 'database a', 'kubelet a', 'workload a', 'kubelet a'];
  expect(world.lines(from)).toEqual([
    'load #fleet',
    'load a',
    ...look,
    ...Array.from({ length: 5 }, () => ['sleep 3000', ...look]).flat(),
    ...look,
    'load #fleet',
    'save #fleet reserve',
    'save a intent',
    'logs a current',
    'events a',
    'tasks a',
    'append a intent',
    `remove a ${pod.name} deleted`,
    'load a',
    'save a answer',
    'append a removal',
    'append a told',
    'append a looks',
    'load a',
    'send a slack opened',
    'send a pager opened',
    'load a',
    'save a outbox',
    'load a',
    'load #fleet',
    'load #fleet',
  ]);
  const [intent] = await world.ledger('intent');
  expect(intent?.body).toMatchObject({
    uid: pod.uid,
    cause: 'dead',
    evidence: {
      rule: 'dead',
      logs: { lines: [`last words of ${pod.name}`] },
      previousLogs: null,
      tasks: { kind: 'answered' },
    },
  });
});

interface Row {
  readonly name: string;
  readonly given?: WorldTarget;
  readonly when?: (world: World, pod: SimPod) => void | Promise<void>;
  readonly decision: object;
}

const hold = (code: string) => ({ kind: 'hold', code });

test.each<Row>([
  { name: 'the target only watches', given: { policy: { mode: 'watch' } }, decision: hold('watch-mode') },
  {
    name: 'somebody paused it',
    when: async ({ store, clock }) => {
      const pause = { by: 'ann', reason: 'node upgrade', until: clock.now() + 10 * MINUTE_MS };
      await changeTarget(store, 'a', (state) => ({ ...state, pause }));
    },
    decision: { ...hold('paused'), why: expect.stringContaining('paused by ann until') },
  },
  {
    name: 'its workload is annotated',
    when: ({ of }) => {
      of('a').world.annotation = 'by deploy 12';
    },
    decision: hold('paused'),
  },
  {
    name: 'the Kubernetes API does not answer',
    when: ({ of, clock }) => of('a').begin(of('a').blinds, clock.now()),
    decision: hold('blind'),
  },
  {
    name: 'no client for the cluster can be made',
    when: ({ world }) => {
      world.clusterErrors.set('a', new Error('no such context'));
    },
    decision: { ...hold('blind'), why: 'no such context' },
  },
  {
    name: 'the database does not answer',
    when: ({ of, clock }) => of('a').begin(of('a').outages, clock.now()),
    decision: hold('database-down'),
  },
  {
    name: 'the tables are locked',
    when: ({ of, clock }) => of('a').begin(of('a').locks, clock.now()),
    decision: hold('database-down'),
  },
  {
    name: 'the database server started only just now',
    when: ({ weather }) => {
      weather.databaseUptimeSeconds = 20;
    },
    decision: hold('database-recovering'),
  },
  {
    name: 'a rollout is under way',
    when: ({ of }) => {
      of('a').world.rollingOut = '1 of 2 pods updated';
    },
    decision: { kind: 'rest' },
  },
  {
    name: 'whether a rollout is under way cannot be read',
    when: ({ weather }) => {
      weather.workloadUnreadable = true;
    },
    decision: hold('rolling-out'),
  },
  {
    name: 'nothing would replace it',
    when: (_, pod) => {
      pod.owner = null;
    },
    decision: hold('not-owned'),
  },
  {
    name: 'it has lost its labels',
    when: (_, pod) => {
      pod.labels = {};
    },
    decision: hold('label-mismatch'),
  },
  {
    name: 'its container has only just started again',
    when: ({ clock }, pod) => {
      pod.runningAt = clock.now() - 20_000;
    },
    decision: { kind: 'rest' },
  },
  {
    name: 'it is terminating already',
    when: ({ of, clock }, pod) => {
      of('a').world.terminateMs = null;
      of('a').terminate(pod, clock.now());
    },
    decision: { kind: 'rest' },
  },
  {
    name: 'tasks run inside it and the policy protects them',
    given: { policy: { tasksRunning: 'hold' } },
    when: ({ of }) => {
      of('a').world.runningTasks = 2;
    },
    decision: hold('tasks-running'),
  },
  {
    name: 'whether tasks run inside it cannot be read and the policy protects them',
    given: { policy: { tasksRunning: 'hold' } },
    when: ({ weather }) => {
      weather.tasksUnreadable = true;
    },
    decision: hold('tasks-running'),
  },
  {
    name: 'the last look shows that it has recovered',
    when: (world, pod) => {
      let looks = 0;
      world.weather.onLook = () => {
        looks += 1;
        if (looks === 4) for (const wedge of pod.wedges) wedge.to = world.clock.now() - 6_000;
      };
    },
    decision: { kind: 'rest' },
  },
  {
    name: 'the Kubernetes API falls silent at the last look',
    when: (world) => {
      let looks = 0;
      world.weather.onLook = () => {
        looks += 1;
        if (looks === 4) world.of('a').begin(world.of('a').blinds, world.clock.now());
      };
    },
    decision: hold('blind'),
  },
])('nothing is removed when $name', async ({ given, when, decision }) => {
  const { world, pod } = await wedgedWorld(given ?? {});
  await when?.(world, pod);
  const report = await world.tick();
  expect(report.targets[0]?.decision).toMatchObject(decision);
  expect(world.removed).toEqual([]);
  expect(world.lines(0, ['remove'])).toEqual([]);
  expect((await world.stateOf()).remediations).toEqual([]);
  if (report.targets[0]?.decision.kind === 'hold') {
    // The hold is in the ledger, even when only the last look brought it about.
    expect(await world.ledger('tick')).toHaveLength(1);
  }
});

test('a hold on a dead scheduler is told at once, on both channels, and a lasting one only once', async () => {
  const { world } = await wedgedWorld({ policy: { mode: 'watch' } });
  await world.ticks(10);
  expect(world.titles('slack')).toEqual([
    expect.stringMatching(/^a: scheduler dead, would have removed a-scheduler-1$/),
  ]);
  expect(world.titles('pager')).toHaveLength(1);
  expect(await world.ledger()).toHaveLength(1);
});

test('a check that may not act looks, and leaves nothing behind', async () => {
  const { world } = await wedgedWorld();
  const from = world.log.length;
  const report = await world.tick({ acting: false });
  expect(report.targets[0]).toMatchObject({ looks: 6, decision: hold('not-acting') });
  expect(world.lines(from, ['save', 'append', 'logs', 'remove', 'send'])).toEqual([]);
});

test('a tick that comes later than one slot after its minute looks, alerts and does not act', async () => {
  const { world } = await wedgedWorld();
  world.nextMinute();
  world.clock.advanceTo(world.tickAt() + 121_000);
  const report = await world.run(world.start().ports);
  expect(report.targets[0]?.decision).toMatchObject(hold('late-tick'));
  expect(world.removed).toEqual([]);
  expect(world.titles()).toEqual([expect.stringContaining('removal held (late-tick)')]);
});

test('whoever loses the race for the intent removes nothing and tells nothing', async () => {
  const { world } = await wedgedWorld();
  const from = world.log.length;
  // The first save is the fleet's book, the second the intent.
  const report = await world.tick({ fate: { conflicts: [1] } });
  expect(report.targets[0]?.decision).toMatchObject(hold('lost-race'));
  expect(world.lines(from, ['save', 'append', 'logs', 'remove', 'send'])).toEqual([
    'save #fleet reserve',
    'save a intent (conflict)',
  ]);
  await world.tick();
  expect(world.removed).toHaveLength(1);
});

test('right after an outage of the database nothing is removed, whatever the heartbeats say', async () => {
  const { world } = await wedgedWorld();
  const { outages, begin, end } = world.of('a');
  begin(outages, world.clock.now());
  await world.ticks(2);
  end(outages, world.clock.now() + 50_000);
  const back = await world.tick();
  expect(back.targets[0]?.decision).toMatchObject(hold('database-recovering'));
  await world.ticks(2);
  expect(world.removed).toHaveLength(1);
});

test('a signal that was never seen well does not convict', async () => {
  const world = createWorld();
  const pod = world.of('a').pod(world.clock.now());
  pod.wedges.push({ from: pod.firstBeatAt + 12_000, to: null });
  const [report] = await world.ticks(1);
  expect(report?.targets[0]?.decision).toMatchObject(hold('unproven'));
  expect(world.removed).toEqual([]);
});

test('while a peer has not proved its recovery no other pod goes', async () => {
  const { world } = await wedgedWorld({ components: { scheduler: 2 }, replaceMs: null });
  await world.tick();
  expect(world.removed).toHaveLength(1);
  world.wedge('a', 0);
  world.clock.advanceTo(world.clock.now() + 70_000);
  const report = await world.tick();
  expect(report.targets[0]?.decision).toMatchObject(hold('peer-recovering'));
  expect(world.removed).toHaveLength(1);
});

test('the second wedge waits for the cool-down and the third for a person', async () => {
  const { world } = await wedgedWorld({ policy: { startupGraceMs: MINUTE_MS } });
  const codes = new Set<string>();
  for (let tick = 0; tick < 120; tick += 1) {
    const report = await world.tick();
    const decision = report.targets[0]?.decision;
    if (decision?.kind === 'hold') codes.add(decision.code);
    const [living] = world.of('a').living(world.clock.now());
    if (living !== undefined && world.clock.now() - living.firstBeatAt > 3 * MINUTE_MS)
      world.of('a').begin(living.wedges, world.clock.now());
  }
  expect([...codes]).toEqual(['cool-down', 'budget-spent']);
  expect(world.removed).toHaveLength(2);
  expect(world.titles().at(-1)).toMatch(/removal held \(budget-spent\)/);
});

test.each([
  { name: 'one scheduler of two', components: { scheduler: 2 }, component: 'scheduler', number: 1 },
  { name: 'a triggerer', components: { scheduler: 1, triggerer: 1 }, component: 'triggerer', number: 0 },
  {
    name: 'a DAG processor',
    components: { scheduler: 2, 'dag-processor': 2 },
    component: 'dag-processor',
    number: 0,
  },
] as const)('$name is removed, and nothing else', async ({ components, component, number }) => {
  const world = await calmWorld({ components });
  const pod = world.wedge('a', number, component);
  world.clock.advanceTo(world.clock.now() + 70_000);
  await world.ticks(8);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  expect(world.kinds()).toEqual(['opened', 'resolved']);
});

test('a scheduler that beats and schedules nothing goes after the stall limit', async () => {
  const world = await calmWorld();
  const pod = world.of('a').pod(world.clock.now());
  world.of('a').begin(pod.stalls, world.clock.now());
  await world.ticks(4);
  expect(world.removed).toEqual([]);
  await world.ticks(3);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  expect((await world.ledger('intent'))[0]?.body.cause).toBe('stalled');
  await world.ticks(8);
  expect(world.kinds()).toEqual(['opened', 'resolved']);
});

test('without a heartbeat source silence removes only after its own longer limit', async () => {
  const world = await calmWorld({
    target: { database: null, health: [{ kind: 'pod', port: 8974, path: '/health' }] },
  });
  const pod = world.of('a').pod(world.clock.now());
  world.of('a').begin(pod.silences, world.clock.now());
  await world.ticks(5);
  expect(world.removed).toEqual([]);
  await world.ticks(2);
  expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  expect((await world.ledger('intent'))[0]?.body.cause).toBe('unreachable');
  await world.ticks(8);
  expect(world.kinds()).toEqual(['opened', 'resolved']);
});

test('a proved recovery is in the ledger and resolves on both channels, with both times', async () => {
  const { world, pod } = await wedgedWorld();
  await world.ticks(3);
  const [outcome] = await world.ledger('outcome');
  expect(outcome?.body).toMatchObject({
    uid: pod.uid,
    outcome: { kind: 'recovered', replacement: 'a-scheduler-2' },
  });
  for (const channel of ['slack', 'pager']) {
    expect(world.kinds(channel)).toEqual(['opened', 'resolved']);
  }
  const resolved = world.sent.at(-1)?.notification;
  expect(resolved?.title).toMatch(/^a: recovered after \d+m\d+s$/);
  expect(resolved?.text).toMatch(/Detected and removed after .* replaced and proved after another \d+/);
  expect(await world.stateOf()).toMatchObject({ incident: null, outbox: [] });
});

describe('a repair that does not work is told and not repeated', () => {
  test.each<{ name: string; given: WorldTarget; outcome: string; withinTicks: number }>([
    {
      name: 'the replacement never comes and nothing is left to look at',
      given: { replaceMs: null },
      outcome: 'not-recovered',
      withinTicks: 12,
    },
    {
      name: 'the replacement of one of two never comes',
      given: { replaceMs: null, components: { scheduler: 2 } },
      outcome: 'not-recovered',
      withinTicks: 12,
    },
    {
      name: 'the replacement never gets as far as running',
      given: { bootMs: 24 * 60 * MINUTE_MS },
      outcome: 'not-recovered',
      withinTicks: 12,
    },
    {
      name: 'the old pod does not end, and its name is not free',
      given: { terminateMs: null, kind: 'StatefulSet' },
      outcome: 'stuck-terminating',
      withinTicks: 6,
    },
  ])('$name: $outcome', async ({ given, outcome, withinTicks }) => {
    // The pods there at the start are up whatever a new one needs.
    const { bootMs, ...rest } = given;
    const { world } = await wedgedWorld(rest);
    if (bootMs !== undefined) world.of('a').world.bootMs = bootMs;
    await world.ticks(withinTicks);
    expect(world.titles().at(-1)).toBe(`a: ${outcome}, a person is needed`);
    expect(world.titles('pager').at(-1)).toBe(`a: ${outcome}, a person is needed`);
    const told = await world.ledger('outcome');
    expect(told.map(({ body }) => body.outcome)).toEqual([expect.objectContaining({ kind: outcome })]);
    await world.ticks(60);
    expect(world.removed).toHaveLength(1);
    expect(world.kinds()).not.toContain('resolved');
  });

  test('a replacement that comes late after all resolves the incident', async () => {
    const { world } = await wedgedWorld({ replaceMs: 14 * MINUTE_MS });
    await world.ticks(30);
    expect(world.titles()).toEqual([
      'a: scheduler dead, a-scheduler-1 was removed, waiting for proof',
      'a: not-recovered, a person is needed',
      expect.stringContaining('a: recovered after'),
    ]);
    expect((await world.stateOf()).incident).toBeNull();
  });

  test('what goes wrong after a failed repair is told as well', async () => {
    const { world } = await wedgedWorld({ replaceMs: null, components: { scheduler: 2 } });
    await world.ticks(14);
    expect(world.titles().at(-1)).toBe('a: not-recovered, a person is needed');
    const { begin, end, outages } = world.of('a');
    begin(outages, world.clock.now());
    await world.ticks(4);
    expect(world.titles().at(-1)).toBe('a: the metadata database is sick');
    end(outages, world.clock.now());
    await world.ticks(3);
    world.of('a').world.annotation = 'hands off';
    world.wedge();
    await world.ticks(4);
    expect(world.titles().at(-1)).toMatch(/removal held \(paused\)/);
  });

  test('a delete that is forbidden is told once, costs neither cool-down nor budget, and is done as soon as it may be', async () => {
    const { world } = await wedgedWorld();
    const refusals = 5;
    for (let i = 0; i < refusals; i += 1) world.weather.removals.push('forbidden');
    const report = await world.tick();
    expect(report.targets[0]?.decision).toMatchObject({ kind: 'remove', answer: 'forbidden' });
    const said = world.titles();
    expect(said.at(-1)).toBe('a: removal of a-scheduler-1 forbidden');
    await world.ticks(refusals - 1);
    expect(world.lines(0, ['remove'])).toHaveLength(refusals);
    expect(world.titles()).toEqual(said);
    const state = await world.stateOf();
    expect(state.remediations).toHaveLength(1);
    expect(budgetLeft(state.remediations, DEFAULT_POLICY, world.clock.now())).toBe(
      DEFAULT_POLICY.budget.removals,
    );
    await world.tick();
    expect(world.removed).toMatchObject([{ uid: 'a-uid-1' }]);
    await world.ticks(4);
    expect(world.titles().at(-1)).toMatch(/^a: recovered after/);
    expect((await world.fleet())?.repairs).toMatchObject([{ ok: true }]);
  });

  test('a delete that is never answered is tried three times, on three ticks', async () => {
    const { world } = await wedgedWorld();
    world.weather.removals.push('failed', 'failed', 'failed', 'failed', 'failed');
    await world.tick();
    const intendedAt = world.clock.now();
    await world.ticks(7);
    expect(world.lines(0, ['remove'])).toHaveLength(3);
    expect(world.removed).toEqual([]);
    // The cool-down counts from the first intent.
    expect((await world.stateOf()).remediations).toMatchObject([{ attempts: 3, intendedAt }]);
    expect(world.titles().at(-1)).toBe('a: removal of a-scheduler-1 was not carried out');
  });

  test('a delete whose answer was lost counts as done', async () => {
    const { world, pod } = await wedgedWorld();
    world.weather.removals.push('lost');
    await world.ticks(6);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    expect(world.lines(0, ['remove'])).toHaveLength(1);
    expect(world.kinds().at(-1)).toBe('resolved');
  });
});

/** A week without a slow spell, after which `auto` trusts what it has learned. */
async function knowAWeek({ store, clock }: World): Promise<void> {
  const scheduler = Array.from({ length: 8 }, (_, day) => day).reduce(
    (known, day) => learnAge(known, 4, clock.now() - (7 - day) * 24 * 60 * MINUTE_MS),
    { ...NO_AGES, samples: 100 },
  );
  await changeTarget(store, 'a', (state) => ({ ...state, ages: { ...state.ages, scheduler } }));
}

describe('staying awake', () => {
  test.each(['configured', 'learned'] as const)(
    'a heartbeat on its way to its %s limit is waited for, and removed in the same tick',
    async (how) => {
      const world = createWorld([{ policy: how === 'learned' ? { heartbeatLimitMs: 'auto' } : {} }]);
      await world.ticks(30);
      if (how === 'learned') await knowAWeek(world);
      ageUntilNextTick(world, 20_000);
      const pod = world.wedge();
      const report = await world.tick();
      expect(report.targets[0]?.decision).toMatchObject({ kind: 'remove', uid: pod.uid });
      expect(report.targets[0]?.lookedForMs).toBeLessThan(45_000);
    },
  );

  test('a slow beat that comes after all is learned and not removed', async () => {
    const world = createWorld([{ policy: { heartbeatLimitMs: 'auto' } }]);
    await world.ticks(30);
    ageUntilNextTick(world, 20_000);
    const pod = world.wedge();
    for (const wedge of pod.wedges) wedge.to = world.clock.now() + 28_000;
    await world.ticks(2);
    expect(world.removed).toEqual([]);
    expect(world.sent).toEqual([]);
    expect(worstAge((await world.stateOf()).ages.scheduler ?? NO_AGES)).toBeGreaterThan(18);
  });

  test.each([0, 500, 1_000, 2_000, 3_000, 4_900])(
    'with answers that take %d ms the tick still ends before its deadline',
    async (latencyMs) => {
      for (const ageMs of [12_000, 20_000, 30_000, 40_000, 70_000]) {
        const world = await calmWorld({ components: { scheduler: 2 } });
        world.weather.latencyMs = latencyMs;
        ageUntilNextTick(world, ageMs);
        world.wedge();
        await world.ticks(6);
        for (const { forMs, budgetMs } of world.awake) expect(forMs).toBeLessThanOrEqual(budgetMs);
        expect(world.removed).toHaveLength(1);
      }
    },
  );
});

test('of two that die within one tick one goes, and the other waits for its recovery', async () => {
  const world = await calmWorld({ components: { scheduler: 3 } });
  const [first, second] = world.of('a').living(world.clock.now());
  if (first === undefined || second === undefined) throw new Error('no schedulers');
  const minute = world.clock.now() + 2 * MINUTE_MS;
  const stop = (pod: SimPod, crossesAt: number) =>
    pod.wedges.push({ from: (world.of('a').beatOf(pod, crossesAt - 45_000) ?? 0) + 1, to: null });
  // The first crosses its limit one look after the second, so for one look only the second is to go.
  stop(second, minute + 5_000);
  stop(first, minute + 9_000);
  const [, report] = await world.ticks(2);
  expect(report?.targets[0]?.decision).toMatchObject({ kind: 'remove', uid: first.uid });
  expect(world.removed.map(({ uid }) => uid)).toEqual([first.uid]);
  expect((await world.ledger('intent')).map(({ body }) => body.uid)).toEqual([first.uid]);
  const [next] = await world.ticks(1);
  expect(next?.targets[0]?.decision).toMatchObject({ kind: 'hold', uid: second.uid });
  expect(world.removed).toHaveLength(1);
});

test('a tick from the future does not end all looking', async () => {
  const world = await calmWorld();
  await world.tick({ scheduledAt: Date.UTC(2030, 0, 1) });
  expect((await world.tick()).targets).toHaveLength(1);
  expect((await world.stateOf()).lastTick).toBe(world.tickAt());
});

test('an alert about what lasts comes when its limit is over, and ends when it ends', async () => {
  const world = await calmWorld();
  const { blinds, begin, end } = world.of('a');
  begin(blinds, world.clock.now());
  await world.ticks(5);
  expect(world.titles()).toEqual(['a: the watchdog cannot see']);
  end(blinds, world.clock.now());
  await world.ticks(2);
  expect(world.kinds()).toEqual(['opened']);
  await world.ticks(2);
  expect(world.kinds()).toEqual(['opened', 'resolved']);
});
