import { describe, expect, test } from '@jest/globals';
import { SECOND_MS } from '../../../functions/core/time.ts';
import { calmWorld } from '../../fakes/stories.ts';
import type { World, WorldTarget } from '../../fakes/world.ts';

const SIXTY = Array.from({ length: 60 }, (_, second) => second);
const POD_PORT = [{ kind: 'pod', port: 8974, path: '/health' }] as const;

/** All pods of all schedulers take so long to write again. */
function recoverIn(world: World, id: string, ...seconds: readonly number[]): void {
  for (const [at, pod] of world.of(id).living(world.clock.now()).entries())
    pod.recoverMs = (seconds[at % seconds.length] ?? 3) * SECOND_MS;
}

interface Outage {
  readonly name: string;
  readonly given: WorldTarget;
  readonly spans: 'outages' | 'locks';
}

const OUTAGES: readonly Outage[] = [
  {
    name: 'with a database',
    given: { components: { scheduler: 2 } },
    spans: 'outages',
  },
  { name: 'with a database and one scheduler', given: {}, spans: 'outages' },
  { name: 'after a table lock', given: { components: { scheduler: 2 } }, spans: 'locks' },
  { name: 'after a table lock, one scheduler', given: {}, spans: 'locks' },
  {
    name: 'with podPort alone and two schedulers',
    given: { components: { scheduler: 2 }, target: { database: null, health: POD_PORT } },
    spans: 'outages',
  },
  {
    name: 'with podPort and a web url, two schedulers',
    given: {
      components: { scheduler: 2 },
      target: { database: null, health: [...POD_PORT, { kind: 'url', url: 'https://a.example/health' }] },
    },
    spans: 'outages',
  },
  {
    name: 'with the instances of 3.4 and no database',
    given: {
      components: { scheduler: 2 },
      target: { database: null, health: [{ kind: 'url', url: 'https://a.example/instances' }] },
    },
    spans: 'outages',
  },
  {
    name: 'with a web url and one scheduler',
    given: { target: { database: null, health: [{ kind: 'url', url: 'https://a.example/health' }] } },
    spans: 'outages',
  },
];

/** Seconds of the minute at which an outage may begin so that a healthy pod goes. */
async function wrongPhases(
  { given, spans }: Outage,
  outageSeconds: number,
  recoverSeconds: readonly number[],
): Promise<readonly number[]> {
  const wrong: number[] = [];
  for (const second of SIXTY) {
    const world = await calmWorld(given);
    recoverIn(world, 'a', ...recoverSeconds);
    const from = Math.max(world.clock.now(), world.tickAt() + second * SECOND_MS);
    world.clock.advanceTo(from);
    world.of('a')[spans].push({ from, to: from + outageSeconds * SECOND_MS });
    await world.ticks(Math.ceil(outageSeconds / 60) + 4);
    if (world.removed.length > 0) wrong.push(second);
  }
  return wrong;
}

describe.each(OUTAGES)('after an outage of the database, $name', (outage) => {
  test.each([
    { outageSeconds: 70, recover: [7, 15] },
    { outageSeconds: 130, recover: [7, 15] },
    { outageSeconds: 130, recover: [15, 15] },
    { outageSeconds: 200, recover: [15, 7] },
  ])(
    'of $outageSeconds s no healthy scheduler that reconnects after $recover s goes, whichever second it begins at',
    async ({ outageSeconds, recover }) => {
      expect(await wrongPhases(outage, outageSeconds, recover)).toEqual([]);
    },
  );

  test.each([20, 40, 50, 55, 60])(
    'of %d s that no tick may have seen, no healthy scheduler goes, whichever second it begins at',
    async (outageSeconds) => {
      expect(await wrongPhases(outage, outageSeconds, [7, 15])).toEqual([]);
    },
  );
});
