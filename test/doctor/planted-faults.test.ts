import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Line } from '../../functions/core/check-up.ts';
import { TARGET_ROWS } from '../../functions/core/check-up-rows.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { CLUSTER_PLANTS, DATABASE_PLANTS, type Plant } from './plants.ts';
import { type DoctorWorld, doctorWorld, PASSWORD, redOf, type Spot, variable } from './world.ts';

// Every adapter is the real one; PostgreSQL is real, the API server plays its answers. Each fault has a target of its own, and
// one run examines all of them: what is named there is named among everything else that is wrong.
const PLANTS = [...CLUSTER_PLANTS, ...DATABASE_PLANTS];
const idOf = (plant: Plant) => `t${PLANTS.indexOf(plant)}`;
const spots = new Map<Plant, Spot>();
let world: DoctorWorld;
let healthy: Spot;
let all: readonly Line[];

beforeAll(async () => {
  world = await doctorWorld();
  healthy = await world.spot('healthy');
  for (const plant of PLANTS) {
    const spot = await world.spot(idOf(plant));
    spots.set(plant, spot);
    await plant.plant(spot, world);
  }
  all = await world.examine([healthy, ...spots.values()]);
}, 120_000);
afterAll(() => world?.stop(), 30_000);

const expectedOf = (plant: Plant): readonly string[] =>
  typeof plant.red === 'function' ? plant.red(spots.get(plant) as Spot) : plant.red;

test('a set-up in order has nothing red, and nothing is skipped but what nobody asked for', () => {
  expect(redOf(all, 'healthy')).toEqual([]);
  expect(all.filter(({ target, level }) => target === 'healthy' && level === 'skipped')).toEqual([]);
  expect(redOf(all, null)).toEqual([]);
});

describe('all at once', () => {
  test.each(PLANTS)('$name is named, and nothing else of its target', (plant) => {
    expect(redOf(all, idOf(plant))).toEqual(expectedOf(plant));
  });
});

test('many faults of one target are all named: none hides another', async () => {
  const together = [
    'an administrator as login',
    'no right to get stateful sets',
    'no right to events',
    'no right to logs',
    'no right to metrics',
    'a rollout under way',
    'a scheduler too few',
    'no admission policy',
    'nobody at the health port',
    'a pause in the state',
    'an account that may write',
  ];
  const spot = await world.spot('together');
  const chosen = PLANTS.filter(({ name }) => together.includes(name));
  expect(chosen).toHaveLength(together.length);
  for (const plant of chosen.slice(0, -1)) await plant.plant(spot, world);
  spot.env[variable(spot.id)] = world.postgres.url('airflow', { name: 'writer', password: PASSWORD });
  // Memory comes with the events: the right to metrics is named all the same.
  const wanted = chosen
    .flatMap(({ red }) => (typeof red === 'function' ? red(spot) : red))
    .filter((line) => line !== 'memory');
  const lines = await world.examine([spot]);
  expect(redOf(lines, 'together').toSorted()).toEqual(wanted.toSorted());
});

test('behind a proxy all of it goes through that, the examination of the way as well', async () => {
  const spot = await world.spot('behind');
  const proxy = await startConnectProxy();
  proxy.leadsTo = () => new URL(spot.api.url).host;
  Object.assign(spot.cluster, { server: 'http://kube.invalid', 'proxy-url': proxy.url });
  const lines = await world.examine([spot]);
  await proxy.close();
  expect(redOf(lines, 'behind')).toEqual([]);
  expect(lines.find(({ prerequisite }) => prerequisite === 'cluster-session')?.says).toContain(
    `http://kube.invalid, asked through the proxy ${new URL(proxy.url).host}`,
  );
  expect(new Set(proxy.asked.map((one) => one.for))).toEqual(new Set(['kube.invalid:80']));
});

test('so many faults are planted', () => expect(PLANTS.length).toBeGreaterThanOrEqual(20));

test('no prerequisite vanishes: whatever is wrong, each has a line, if only to say why it was not asked', () => {
  const ids = TARGET_ROWS.map(({ id }) => id).filter((id) => id !== 'health-url');
  const missing = PLANTS.flatMap((plant) => {
    const told = new Set(all.filter(({ target }) => target === idOf(plant)).map((line) => line.prerequisite));
    return ids.filter((id) => !told.has(id)).map((id) => `${id} where there is ${plant.name}`);
  });
  expect(missing).toEqual([]);
});

test('every red line says what it costs and what mends it', () => {
  const mute = all.filter(
    ({ level, costs, cure }) => (level === 'fail' || level === 'warn') && (!costs || !cure),
  );
  expect(mute).toEqual([]);
});

test('what could not be asked is skipped, and says because of what', () => {
  const id = idOf(PLANTS.find(({ name }) => name === 'a token that is not accepted') as Plant);
  const skipped = all.filter(({ target, level }) => target === id && level === 'skipped');
  expect(skipped.map(({ prerequisite }) => prerequisite)).toContain('dry-run');
  expect(new Set(skipped.map(({ says }) => says))).toEqual(new Set(['not asked, because of cluster-login']));
});

test('nothing was changed: no delete but dry runs, and no message was sent', () => {
  const bodies = [healthy, ...spots.values()].flatMap(({ api }) =>
    api.requests.filter(({ method }) => method === 'DELETE').map(({ body }) => JSON.parse(body)),
  );
  expect(bodies.length).toBeGreaterThan(0);
  expect(bodies.filter(({ dryRun }) => dryRun?.[0] !== 'All')).toEqual([]);
  expect(bodies.filter(({ preconditions }) => preconditions?.uid === undefined)).toEqual([]);
  const written = [healthy, ...spots.values()].flatMap(({ api }) =>
    api.requests.filter(
      ({ method, path }) => method !== 'GET' && method !== 'DELETE' && !path.includes('selfsubject'),
    ),
  );
  expect(written).toEqual([]);
  expect(world.slack.messages).toEqual([]);
});

test('no secret is in any line', () => {
  const text = JSON.stringify(all);
  for (const secret of ['a-token-of-the-watchdog', ':pw@', world.slack.webhookUrl])
    expect(text).not.toContain(secret);
});
