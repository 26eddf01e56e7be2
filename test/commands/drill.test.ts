import { expect, test } from '@jest/globals';
import { drill } from '../../functions/commands/drill.ts';
import { sentenceOf } from '../../functions/core/ledger.ts';
import { recordedOutput } from '../fakes/output.ts';
import { calmWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';
import { expectGolden } from './golden.ts';

async function say(world: World, { json = false, target = 'a' } = {}) {
  const said = recordedOutput(json ? 'drill' : null);
  const code = await drill({ target, by: 'ann', send: true }, world.start().ports, said.output);
  return { code, ...said };
}

test('a drill that a guard would hold', async () => {
  const world = await calmWorld({ components: { scheduler: 2 }, policy: { mode: 'watch' } });
  const { code, text } = await say(world);
  expect(code).toBe(0);
  expectGolden('drill-held.txt', text());
});

test('a drill in which the API server and a channel say no', async () => {
  const world = await calmWorld({ components: { scheduler: 2 } });
  world.weather.removals.push('forbidden');
  world.always.set('slack', { kind: 'refused', detail: 'no_service' });
  const { code, text } = await say(world);
  expect(code).toBe(1);
  expectGolden('drill-refused.txt', text());
});

test('history has a sentence for it', async () => {
  const world = await calmWorld();
  await say(world);
  const [entry] = await world.ledger('drill');
  expect(entry && sentenceOf(entry)).toMatch(
    /^had .+ been dead, it would be removed; dry run: let through; told slack, pager$/,
  );
});

test('nothing to rehearse on is exit code 2; machines get one line', async () => {
  const world = await calmWorld();
  world.of('a').begin(world.of('a').blinds, world.clock.now());
  const { code, lines } = await say(world, { json: true });
  expect(code).toBe(2);
  expect(lines()).toMatchObject([{ target: 'a', drill: { pod: null } }]);
});

test('an unknown target is refused with the one that was meant', async () => {
  const world = await calmWorld({ id: 'prod-airflow' });
  await expect(say(world, { target: 'prod-airflw' })).rejects.toThrow(/did you mean prod-airflow/);
  expect(await world.ledger('drill')).toEqual([]);
});
