import { expect, jest, test } from '@jest/globals';
import { wedgedWorld } from '../fakes/stories.ts';

let door: unknown;
jest.unstable_mockModule('../../functions/wiring/slack.ts', () => ({ openSlackDoor: async () => door }));
const { handler } = await import('../../functions/slack.ts');

test('a press that was answered too late approves nothing an hour later, when the frozen function goes on', async () => {
  const { world, pod } = await wedgedWorld({ policy: { mode: 'ask' } });
  await world.tick();
  const { store, clock } = world;
  const hung = Promise.withResolvers<void>();
  const wasSaid = Promise.withResolvers<void>();
  door = {
    clock,
    users: new Set(['U0ANN00001']),
    repeatableMs: 600_000,
    whyNotSigned: async () => null,
    readPress: () => ({
      user: 'U0ANN00001',
      username: 'ann',
      button: { kind: 'approve', target: 'a', uid: pod.uid },
      answerTo: null,
    }),
    say: async () => wasSaid.resolve(),
    dropConnections: () => {},
    state: {
      ...store,
      load: async (key: string) => {
        if (key === 'a') await hung.promise;
        return store.load(key);
      },
    },
  };
  const press = { requestContext: { http: { method: 'POST' } }, headers: {}, body: 'x' };
  expect(await handler(press as never)).toEqual({ statusCode: 504 });
  await world.ticks(60);
  hung.resolve();
  await wasSaid.promise;
  expect(await world.stateOf()).toMatchObject({ approval: { uid: pod.uid } });
  await world.ticks(2);
  expect(world.removed).toEqual([]);
});
