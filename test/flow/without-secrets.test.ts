import { expect, test } from '@jest/globals';
import { withoutSecrets } from '../../functions/flow/without-secrets.ts';
import type { Notifier } from '../../functions/ports.ts';
import { opened } from '../adapters/alerts/samples.ts';
import { createWorld } from '../fakes/world.ts';

test('a channel gets its memo and is asked whether it is ready, and no value of a secret reaches it', async () => {
  const { ports } = createWorld().start();
  const got: unknown[] = [];
  const notifier: Notifier = {
    send: async (notification, memo) => {
      got.push(notification.text, memo);
      return { kind: 'delivered', memo: 'ts 2' };
    },
    ready: async () => 'the secret does not resolve',
  };
  const clean = withoutSecrets({
    ...ports,
    knownSecrets: () => ['hunter22'],
    notifiersOf: () => new Map([['team', notifier]]),
  });
  const [channel] = clean.ports.notifiersOf([]).values();
  const delivery = await channel?.send({ ...opened, text: 'it said hunter22 twice: hunter22' }, 'ts 1');
  expect(delivery).toEqual({ kind: 'delivered', memo: 'ts 2' });
  expect(got).toEqual([expect.not.stringContaining('hunter22'), 'ts 1']);
  expect(await channel?.ready?.()).toBe('the secret does not resolve');
});
