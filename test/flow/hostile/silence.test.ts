import { describe, expect, test } from '@jest/globals';
import { WatchdogError } from '../../../functions/core/errors.ts';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { changeTarget } from '../../../functions/flow/saved-state.ts';
import { ageUntilNextTick, calmWorld, wedgedWorld } from '../../fakes/stories.ts';
import { createWorld, type World } from '../../fakes/world.ts';

const POD_PORT = [{ kind: 'pod', port: 8974, path: '/health' }] as const;
const minutes = (world: World, from: number) => Math.round((world.clock.now() - from) / MINUTE_MS);
const last = (world: World, channel = 'slack') =>
  world.sent.filter((one) => one.channel === channel).at(-1)?.notification;

/** Ticks until somebody was told; how many minutes that took. */
async function untilTold(world: World, most = 25): Promise<number> {
  const from = world.clock.now();
  const before = world.sent.length;
  while (world.sent.length === before && minutes(world, from) < most) await world.tick();
  return world.sent.length === before ? Number.POSITIVE_INFINITY : minutes(world, from);
}

describe('a component without any living pod is told, and its incident stays open until one is well', () => {
  test.each(['scheduler', 'triggerer', 'dag-processor'] as const)('no %s', async (component) => {
    const world = await calmWorld({ components: { scheduler: 1, triggerer: 1, 'dag-processor': 1 } });
    const airflow = world.of('a');
    airflow.world.replaceMs = null;
    airflow.world.wanted = { [component]: 0 };
    airflow.terminate(airflow.pod(world.clock.now(), component), world.clock.now());
    expect(await untilTold(world)).toBeLessThanOrEqual(5);
    expect(last(world, 'pager')).toMatchObject({
      kind: 'opened',
      severity: 'critical',
      title: `a: there is no ${component} pod`,
    });
    await world.ticks(40);
    expect(world.kinds()).not.toContain('resolved');
    airflow.addPod(component, world.clock.now());
    await world.ticks(10);
    expect(world.kinds().at(-1)).toBe('resolved');
  });

  test('a renamed label, so that the selector finds nobody and no workload', async () => {
    const world = await calmWorld();
    world.of('a').world.wanted = { scheduler: null };
    world.of('a').begin(world.of('a').emptyLists, world.clock.now());
    expect(await untilTold(world)).toBeLessThanOrEqual(5);
    await world.ticks(30);
    expect(world.kinds()).toEqual(['opened']);
  });

  test('one of two is missing, by what the workload asks for', async () => {
    const world = await calmWorld({ components: { scheduler: 2 } });
    const airflow = world.of('a');
    airflow.world.replaceMs = null;
    airflow.terminate(airflow.pod(world.clock.now()), world.clock.now());
    expect(await untilTold(world)).toBeLessThanOrEqual(20);
    expect(last(world)?.title).toBe('a: 1 of 2 schedulers well');
  });
});

describe('a chronic storm', () => {
  const DEV = ['d0', 'd1', 'd2'];
  const PROD = ['p0', 'p1', 'p2', 'p3'];

  /** Three development clusters sleep from the start. */
  async function asleep(): Promise<World> {
    const world = createWorld([...DEV, ...PROD].map((id) => ({ id })));
    for (const id of DEV) world.of(id).begin(world.of(id).blinds, world.clock.now());
    await world.ticks(30);
    return world;
  }

  test('neither mutes nor holds those who are not its members', async () => {
    const world = await asleep();
    const pod = world.wedge('p1');
    world.clock.advanceTo(world.clock.now() + 70_000);
    const report = await world.tick();
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    expect(world.titles('pager').some((title) => title.startsWith('p1: scheduler dead'))).toBe(true);
    expect(report.targets.find(({ target }) => target === 'p1')?.decision).toMatchObject({ kind: 'remove' });
  });

  test('lets each member speak for itself once its first minutes are over', async () => {
    const world = await asleep();
    for (const id of DEV)
      expect(world.titles().filter((title) => title === `${id}: the watchdog cannot see`)).toHaveLength(1);
  });

  test('is not said to go on by reports in which nobody is held for it', async () => {
    const world = await asleep();
    for (const id of DEV) world.of(id).end(world.of(id).blinds, world.clock.now());
    await world.ticks(30);
    expect((await world.tick()).storm).toBe(false);
  });

  test('lists its members, and speaks again when they change', async () => {
    const world = await calmWorld(...[...DEV, ...PROD].map((id) => ({ id })));
    for (const id of DEV) world.wedge(id);
    world.clock.advanceTo(world.clock.now() + 70_000);
    await world.ticks(1);
    const opened = world.sent.find(({ notification }) => notification.target === 'fleet')?.notification;
    expect(opened?.text).toContain('Members: d0, d1, d2');
    for (const id of PROD.slice(0, 3)) world.wedge(id);
    await world.ticks(15);
    const told = world.sent.filter(
      ({ notification, channel }) => notification.target === 'fleet' && channel === 'slack',
    );
    expect(told.map(({ notification }) => notification.text).join()).toContain('d0, d1, d2, p0, p1, p2');
    expect(world.removed).toEqual([]);
  });
});

describe('failed, evicted and completed pods are history', () => {
  test('they are not judged, hide no stall and keep no incident open', async () => {
    const world = await calmWorld();
    const airflow = world.of('a');
    for (let evictions = 0; evictions < 3; evictions += 1) {
      airflow.evict(airflow.pod(world.clock.now()), world.clock.now());
      await world.ticks(10);
    }
    expect(airflow.there(world.clock.now())).toHaveLength(4);
    const report = await world.tick();
    expect(report.targets[0]?.pods).toHaveLength(1);
    expect((await world.stateOf()).incident).toBeNull();
    const pod = airflow.pod(world.clock.now());
    airflow.begin(pod.stalls, world.clock.now());
    await world.ticks(12);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    await world.ticks(12);
    expect(world.kinds().at(-1)).toBe('resolved');
  });

  test('only history left is a component without a pod', async () => {
    const world = await calmWorld();
    const airflow = world.of('a');
    airflow.world.replaceMs = null;
    airflow.evict(airflow.pod(world.clock.now()), world.clock.now());
    expect(await untilTold(world)).toBeLessThanOrEqual(5);
    expect(last(world)?.title).toBe('a: there is no scheduler pod');
  });
});

describe('one chronic condition masks no other', () => {
  test('a dead scheduler beside a clock that has long been told', async () => {
    const world = await calmWorld({
      components: { scheduler: 1, triggerer: 1 },
      policy: { mode: 'watch', watchSeverity: 'critical' },
    });
    world.of('a').pod(world.clock.now(), 'triggerer').clockSetBackMs = 120_000;
    await world.ticks(20);
    expect(world.titles()).toEqual(['a: clocks differ']);
    world.wedge();
    await world.ticks(4);
    expect(last(world, 'pager')).toMatchObject({
      kind: 'escalated',
      severity: 'critical',
      title: 'a: scheduler dead, would have removed a-scheduler-1',
    });
  });

  test('a failed repair stays critical, and what comes after it is told', async () => {
    const { world } = await wedgedWorld({ replaceMs: null, components: { scheduler: 2, triggerer: 1 } });
    await world.ticks(14);
    expect(last(world)?.title).toBe('a: not-recovered, a person is needed');
    world.of('a').world.progress = null;
    await world.ticks(14);
    expect(last(world)?.title).toBe('a: the witness "progress" is gone');
    const state = await world.stateOf();
    expect(state.incident?.severity).toBe('critical');
    expect(state.incident?.headline).toMatch(/dead/);
    expect(state.conditions.map(({ severity }) => severity)).toContain('critical');
  });
});

test('a warning that grows critical pages anew and ends the page of the warning', async () => {
  const world = await calmWorld({ policy: { mode: 'watch', watchSeverity: 'critical' } });
  world.of('a').world.progress = null;
  await world.ticks(14);
  const opened = last(world, 'pager');
  expect(opened).toMatchObject({ kind: 'opened', severity: 'warning' });
  world.wedge();
  await world.ticks(3);
  const escalated = last(world, 'pager');
  expect(escalated).toMatchObject({ kind: 'escalated', severity: 'critical', endsPage: opened?.page });
  expect(escalated?.page).not.toBe(opened?.page);
});

describe('a witness that was there and is gone is told, with what is not seen meanwhile', () => {
  test('progress', async () => {
    const world = await calmWorld();
    world.of('a').world.progress = null;
    expect(await untilTold(world)).toBeLessThanOrEqual(12);
    expect(last(world)).toMatchObject({
      title: 'a: the witness "progress" is gone',
      text: expect.stringContaining('a stall with a fresh heartbeat is not seen'),
    });
    world.of('a').world.progress = {};
    await world.ticks(5);
    expect(world.kinds()).toEqual(['opened', 'resolved']);
  });

  test('the web server, beside a database that answers', async () => {
    const world = await calmWorld({
      target: { health: [{ kind: 'url', url: 'https://a.example/health' }] },
    });
    world.weather.urlsHang = true;
    expect(await untilTold(world)).toBeLessThanOrEqual(12);
    expect(last(world)?.title).toBe('a: the witness "web" is gone');
  });

  test('the web server, beside a database and schedulers of its own that answer', async () => {
    const world = await calmWorld({
      target: { health: [...POD_PORT, { kind: 'url', url: 'https://a.example/health' }] },
    });
    world.weather.urlsHang = true;
    expect(await untilTold(world)).toBeLessThanOrEqual(12);
    expect(last(world)?.title).toBe('a: the witness "web" is gone');
  });

  test.each(['unreachable', 'unreadable'] as const)('its own health server, %s', async (kind) => {
    const world = await calmWorld({ target: { health: POD_PORT } });
    if (kind === 'unreadable') world.weather.healthForbidden = true;
    else world.of('a').begin(world.of('a').pod(world.clock.now()).silences, world.clock.now());
    expect(await untilTold(world)).toBeLessThanOrEqual(12);
    expect(world.removed).toEqual([]);
  });
});

describe('every candidate is asked', () => {
  test('a held bare pod neither starves nor silences the next, which goes', async () => {
    const world = await calmWorld({ components: { scheduler: 3 } });
    const airflow = world.of('a');
    const [bare, second] = airflow.living(world.clock.now());
    if (bare === undefined || second === undefined) throw new Error('no schedulers');
    bare.owner = null;
    airflow.begin(bare.wedges, world.clock.now());
    await world.ticks(3);
    expect(world.titles().at(-1)).toMatch(/removal held \(not-owned\)/);
    airflow.begin(second.wedges, world.clock.now());
    await world.ticks(3);
    expect(world.removed.map(({ uid }) => uid)).toEqual([second.uid]);
    expect(world.titles().some((title) => title.includes(second.name))).toBe(true);
  });

  test('every held one is told', async () => {
    const world = await calmWorld({ components: { scheduler: 3 }, policy: { mode: 'watch' } });
    const [first, second] = world.of('a').living(world.clock.now());
    if (first === undefined || second === undefined) throw new Error('no schedulers');
    world.of('a').begin(first.wedges, world.clock.now());
    world.clock.advanceTo(world.clock.now() + 30_000);
    world.of('a').begin(second.wedges, world.clock.now());
    await world.ticks(4);
    const told = world.sent.map(({ notification }) => `${notification.title} ${notification.text}`).join();
    expect(told).toContain(first.name);
    expect(told).toContain(second.name);
  });
});

test('pods that come and go and never get well are told as a component that gets no well pod', async () => {
  const world = await calmWorld();
  const airflow = world.of('a');
  airflow.world.bootMs = 60 * MINUTE_MS;
  const from = world.clock.now();
  const told: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    airflow.terminate(airflow.pod(world.clock.now()), world.clock.now());
    await world.ticks(4);
    if (world.sent.length > 0) told.push(minutes(world, from));
  }
  expect(told[0]).toBeLessThanOrEqual(20);
  expect(last(world, 'pager')?.severity).toBe('critical');
});

describe('two dead schedulers beside fresh rows of another component are no sick database', () => {
  test.each([0, 3, 10, 18])('stopped %d s apart', async (apart) => {
    const world = await calmWorld({ components: { scheduler: 2, triggerer: 1 } });
    const [first, second] = world.of('a').living(world.clock.now());
    if (first === undefined || second === undefined) throw new Error('no schedulers');
    const from = world.clock.now();
    first.wedges.push({ from, to: null });
    second.wedges.push({ from: from + apart * SECOND_MS, to: null });
    world.clock.advanceTo(from + 90_000);
    await world.ticks(3);
    expect(world.removed).toHaveLength(1);
    expect(world.titles().join()).not.toContain('database');
  });
});

describe('the list of targets', () => {
  test('that cannot be read is told on the channels of the last one', async () => {
    const world = await calmWorld();
    world.world.listError = new WatchdogError({
      code: 'WD_TARGETS_UNREADABLE',
      what: 'gone',
      notDone: 'x',
      run: 'y',
    });
    await world.ticks(2);
    for (const channel of ['slack', 'pager'])
      expect(world.titles(channel)).toEqual(['the target list cannot be used']);
  });

  test('a target that leaves it is closed with a last word, and its outbox is not stuck', async () => {
    const { world } = await wedgedWorld({ policy: { mode: 'watch' } }, { id: 'b' });
    world.always.set('pager', { kind: 'later', afterMs: 60_000, detail: 'busy' });
    await world.ticks(2);
    expect(world.kinds('slack')).toEqual(['opened']);
    world.world.targets = world.world.targets.filter(({ id }) => id !== 'a');
    await world.ticks(3);
    expect(world.titles('slack').at(-1)).toBe('a: no longer watched');
    world.always.delete('pager');
    await world.ticks(20);
    expect(world.kinds('pager')).toEqual(['opened', 'resolved']);
    expect((await world.stateOf('a')).outbox).toEqual([]);
    expect((await world.fleet())?.watched).toEqual(['b']);
  });

  test('a target whose document breaks still gets its waiting alerts delivered', async () => {
    const { world } = await wedgedWorld({ policy: { mode: 'watch' } }, { id: 'b' });
    world.always.set('pager', { kind: 'later', afterMs: 60_000, detail: 'busy' });
    await world.ticks(2);
    world.world.targets = world.world.targets.filter(({ id }) => id !== 'a');
    world.world.bad = [{ id: 'a', source: 'a.yaml', problems: [] }];
    world.always.delete('pager');
    await world.ticks(20);
    expect(world.titles('pager').some((title) => title.startsWith('a: scheduler dead'))).toBe(true);
  });
});

describe('what is told', () => {
  test('a ledger that does not take what was seen keeps no alert of a removal from being sent', async () => {
    const { world, pod } = await wedgedWorld({ replaceMs: null });
    const append = world.store.append.bind(world.store);
    world.store.append = (entry) =>
      entry.kind === 'looks' ? Promise.reject(new Error('too large')) : append(entry);
    await world.ticks(2);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    expect(world.titles().join()).toContain('was removed');
  });

  test('a refused alert does not block later ones of its incident', async () => {
    const { world } = await wedgedWorld();
    world.answers.set('pager', [{ kind: 'refused', detail: 'invalid text' }]);
    await world.ticks(6);
    expect(world.kinds('pager')).toContain('resolved');
  });

  test('causes that take turns every other tick last long enough to be told', async () => {
    const world = await calmWorld({ target: { health: POD_PORT } });
    const airflow = world.of('a');
    const pod = airflow.pod(world.clock.now());
    const from = world.clock.now();
    for (let tick = 0; tick < 20 && world.sent.length === 0; tick += 1) {
      if (tick % 2 === 0) airflow.begin(pod.silences, world.clock.now());
      else airflow.end(pod.silences, world.clock.now());
      await world.tick();
    }
    expect(minutes(world, from)).toBeLessThanOrEqual(8);
    expect(world.removed).toEqual([]);
  });

  test('a clock that jumps ahead does not hide that a person is needed', async () => {
    const { world } = await wedgedWorld({ replaceMs: null });
    await world.tick();
    world.weather.ourClockAheadMs = -30 * MINUTE_MS;
    await world.ticks(2);
    world.weather.ourClockAheadMs = 0;
    await world.ticks(14);
    expect(world.titles('pager').join()).toContain('a person is needed');
  });

  test('a scheduler that died behind a long pause, so that its row is no longer read, is still removed', async () => {
    const { world, pod } = await wedgedWorld({ components: { scheduler: 1, triggerer: 1 } });
    const pause = { by: 'ann', reason: 'upgrade', until: world.clock.now() + 30 * 60 * MINUTE_MS };
    await changeTarget(world.store, 'a', (state) => ({ ...state, pause }));
    await world.ticks(5);
    expect(world.removed).toEqual([]);
    world.weather.rowsKeptMs = 24 * 60 * MINUTE_MS;
    world.clock.advanceTo(world.clock.now() + 31 * 60 * MINUTE_MS);
    await world.ticks(3);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });
});

describe.each([3, 5, 10])('with a tick every %d minutes', (every) => {
  const slotMs = every * MINUTE_MS;
  const slots = async (world: World, count: number) => {
    for (let at = 0; at < count; at += 1) {
      world.clock.advanceTo(world.tickAt() + slotMs - MINUTE_MS);
      await world.tick({ slotMs });
    }
  };

  test('a health server that falls silent, the only witness, is removed', async () => {
    const world = await calmWorld({ target: { database: null, health: POD_PORT } });
    const pod = world.of('a').pod(world.clock.now());
    world.of('a').begin(pod.silences, world.clock.now());
    await slots(world, Math.ceil(20 / every) + 2);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
  });

  test.each<{ name: string; begin: (world: World) => void; end: (world: World) => void }>([
    {
      name: 'blindness',
      begin: ({ of, clock }) => of('a').begin(of('a').blinds, clock.now()),
      end: ({ of, clock }) => of('a').end(of('a').blinds, clock.now()),
    },
    {
      name: 'a lost witness',
      begin: ({ of }) => {
        of('a').world.progress = null;
      },
      end: ({ of }) => {
        of('a').world.progress = {};
      },
    },
    {
      name: 'a sick database',
      begin: ({ of, clock }) => of('a').begin(of('a').outages, clock.now()),
      end: ({ of, clock }) => of('a').end(of('a').outages, clock.now()),
    },
    {
      name: 'a removal that is held',
      begin: (world) => {
        world.of('a').world.annotation = 'hands off';
        world.wedge();
      },
      end: ({ of, clock }) => {
        for (const pod of of('a').pods) of('a').end(pod.wedges, clock.now());
      },
    },
  ])('$name is told once, and ends once', async ({ begin, end }) => {
    const world = await calmWorld();
    await slots(world, 3);
    begin(world);
    await slots(world, Math.ceil(20 / every) + 2);
    const told = world.titles();
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told).size).toBe(told.length);
    end(world);
    await slots(world, 6);
    expect(world.kinds().at(-1)).toBe('resolved');
    expect(world.kinds().filter((kind) => kind === 'opened' || kind === 'resolved')).toHaveLength(2);
  });
});

test('whatever is unwell in its own right is told within 20 minutes, in each second of the minute', async () => {
  for (let second = 0; second < 60; second += 7) {
    const world = createWorld([{ policy: { mode: 'watch' } }]);
    await world.ticks(8);
    ageUntilNextTick(world, second * SECOND_MS);
    world.wedge();
    expect(await untilTold(world)).toBeLessThanOrEqual(3);
  }
});
