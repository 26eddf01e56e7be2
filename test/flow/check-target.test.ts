import { expect, test } from '@jest/globals';
import { createWorld } from '../fakes/world.ts';

test('probe', async () => {
  const world = createWorld();
  await world.ticks(3);
  const pod = world.wedge();
  world.clock.advanceTo(world.clock.now() + 70_000);
  const from = world.log.length;
  const report = await world.tick();
  console.log(pod.uid, JSON.stringify(report.targets[0], null, 1), world.lines(from).join('\n'));
  await world.ticks(3);
  console.log(world.sent.map((s) => `${s.channel} ${s.notification.kind} ${s.notification.title} | ${s.notification.text}`).join('\n'));
  expect(world.removed).toHaveLength(1);
});
