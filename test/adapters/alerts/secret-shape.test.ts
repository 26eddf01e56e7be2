import { expect, test } from '@jest/globals';
import { createNotifiers, type MayCall } from '../../../functions/adapters/alerts/create-notifiers.ts';
import { misfitOf } from '../../../functions/adapters/alerts/secret-shape.ts';
import type { SecretShape } from '../../../functions/config/channel-form.ts';
import { CHANNEL_FORMS } from '../../../functions/config/channels/kinds.ts';
import { cannedRequest, opened } from './samples.ts';
import { meansOf, pager, secretsOf, slack } from './secret-rig.ts';

const vendors: MayCall = (type, url) =>
  (type === 'slack' ? ['hooks.slack.com', 'slack.com', 'proxy.example.com'] : []).includes(url.hostname);
const KEY = '0123456789abcdefghijklmnopqrstUV';

const SHAPES: Readonly<Record<string, SecretShape>> = {
  slack: CHANNEL_FORMS.slack.secrets.webhook,
  pagerduty: CHANNEL_FORMS.pagerduty.secrets.routingKey,
};

test.each<{ type: 'slack' | 'pagerduty'; secret: string; why: RegExp | null }>([
  { type: 'pagerduty', secret: KEY, why: null },
  { type: 'pagerduty', secret: `${KEY}\n`, why: null },
  { type: 'pagerduty', secret: KEY.slice(1), why: /32 letters and digits/ },
  { type: 'pagerduty', secret: `${KEY.slice(1)}/`, why: /32 letters and digits/ },
  { type: 'pagerduty', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', why: /32 letters and digits/ },
  { type: 'slack', secret: 'https://hooks.slack.com/services/T/B/x', why: null },
  { type: 'slack', secret: 'https://hooks.slack.com/workflows/T/B/x\n', why: null },
  { type: 'slack', secret: 'https://proxy.example.com/anything/x', why: null },
  { type: 'slack', secret: 'postgresql://ann:letmein@db/airflow', why: /no web address/ },
  { type: 'slack', secret: 'AKIAIOSFODNN7EXAMPLE', why: /no web address/ },
  { type: 'slack', secret: 'http://hooks.slack.com/services/T/B/x', why: /expected https/ },
  { type: 'slack', secret: 'https://evil.example.com/services/T/B/x', why: /may not call/ },
  { type: 'slack', secret: 'https://slack.com/api/chat.postMessage', why: /below \/services\// },
  { type: 'slack', secret: 'https://hooks.slack.com/services/', why: /below \/services\// },
])('$type $secret: $why', ({ type, secret, why }) => {
  const shape = SHAPES[type];
  if (shape === undefined) throw new Error(type);
  const said = misfitOf(shape, secret, (url) => vendors(type, url), 'hooks.slack.com');
  if (why === null) expect(said).toBeNull();
  else expect(said).toMatch(why);
  expect(said ?? '').not.toContain(secret.trim());
});

test.each([
  { channel: pager, secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  { channel: slack, secret: 'https://evil.example.com/services/T/B/letmein' },
  {
    channel: { ...slack, settings: { webhook: 'https://evil.example.com/services/T/B/letmein' } },
    secret: '',
  },
])('a secret of another shape never leaves: $channel.type', async ({ channel, secret }) => {
  const { request, bodies } = cannedRequest(202, 'ok');
  const notifier = createNotifiers([channel], {
    ...meansOf(secretsOf(secret), request),
    mayCall: vendors,
  }).get(channel.name);
  const delivery = await notifier?.send(opened);
  expect(delivery).toEqual({
    kind: 'later',
    afterMs: 30_000,
    detail: expect.stringMatching(/cannot be used: it is .*; nothing was sent, the message waits$/),
  });
  expect(JSON.stringify(delivery)).not.toMatch(/wJalr|letmein/);
  expect(bodies).toEqual([]);
});

test('a secret that was mended since it was kept is fetched anew and used', async () => {
  const { request, bodies } = cannedRequest(202, '{"status":"success"}');
  const notifier = createNotifiers([pager], {
    ...meansOf(secretsOf('a typo', KEY), request),
    mayCall: vendors,
  }).get(pager.name);
  expect(await notifier?.send(opened)).toEqual({ kind: 'delivered' });
  expect(bodies).toHaveLength(1);
});
