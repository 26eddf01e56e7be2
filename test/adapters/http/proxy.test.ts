import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { examineChannel } from '../../../functions/adapters/alerts/examine-channel.ts';
import { createAgent } from '../../../functions/adapters/http/agent.ts';
import { type ProxyOf, proxyFromEnvironment } from '../../../functions/adapters/http/proxy.ts';
import { boundedRequest } from '../../../functions/adapters/http/request.ts';
import { EVERYTHING } from '../../../functions/core/channel.ts';
import { type SlackStub, startSlackStub } from '../../stubs/channels.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';

const PROXY = 'http://proxy:3128';
const of = (url: string, noProxy = '', env: Record<string, string> = { HTTPS_PROXY: PROXY }) =>
  proxyFromEnvironment(new URL(url), { ...env, NO_PROXY: noProxy });

test.each([
  ['https by HTTPS_PROXY', 'https://kube.example', { HTTPS_PROXY: PROXY }, PROXY],
  ['in small letters', 'https://kube.example', { https_proxy: PROXY }, PROXY],
  ['http by HTTP_PROXY alone', 'http://kube.example', { HTTPS_PROXY: PROXY }, null],
  ['http', 'http://kube.example', { HTTP_PROXY: PROXY }, PROXY],
  ['an empty one is none', 'https://kube.example', { HTTPS_PROXY: '' }, null],
  ['none', 'https://kube.example', {}, null],
] as const)('%s', (_, url, env, expected) => expect(of(url, '', env)).toBe(expected));

describe('NO_PROXY', () => {
  test.each([
    ['the host', 'https://kube.example', 'other, kube.example', true],
    ['a domain above it', 'https://a.kube.example', 'kube.example', true],
    ['a domain with a dot or a star', 'https://a.kube.example', '*.example', true],
    ['not what only ends so', 'https://mykube.example', 'kube.example', false],
    ['all', 'https://kube.example', '*', true],
    ['with its port', 'https://kube.example:6443', 'kube.example:6443', true],
    ['not with another port', 'https://kube.example:6443', 'kube.example:443', false],
    ['an address', 'https://10.1.2.3', '10.1.2.3', true],
    ['a range', 'https://10.1.2.3:6443', '10.0.0.0/8', true],
    ['not outside of a range', 'https://11.1.2.3', '10.0.0.0/8', false],
    ['a range that is none', 'https://10.1.2.3', '10.0.0.0/99,10/8,x/8', false],
    ['an IPv6 address', 'https://[fd00::1]:6443', 'fd00::1', true],
    ['an IPv6 range', 'https://[fd00::1]:6443', 'fd00::/16', true],
    ['in capitals', 'https://kube.example', 'KUBE.Example', true],
  ])('%s', (_, url, list, isDirect) => expect(of(url, list)).toBe(isDirect ? null : PROXY));

  test.each(['https://localhost:6443', 'https://127.0.0.1:6443', 'https://[::1]:6443'])(
    '%s is this machine, which nobody reaches through a proxy',
    (url) => expect(of(url)).toBeNull(),
  );
});

describe('an agent', () => {
  let slack: SlackStub;
  let proxy: ConnectProxy;
  beforeAll(async () => {
    slack = await startSlackStub();
    proxy = await startConnectProxy();
    proxy.leadsTo = () => new URL(slack.webhookUrl).host;
  });
  afterAll(() => Promise.all([slack.close(), proxy.close()]));

  async function ask(url: string, proxyOf: ProxyOf) {
    const dispatcher = createAgent({}, 'any', proxyOf);
    const told = await boundedRequest({ url, dispatcher, deadlineMs: 5_000 });
    await dispatcher.destroy();
    return told;
  }

  test('goes through the proxy where there is one for an address, and directly elsewhere', async () => {
    const proxyOf: ProxyOf = ({ hostname }) => (hostname === 'slack.invalid' ? proxy.url : null);
    expect(await ask('http://slack.invalid/no', proxyOf)).toMatchObject({ status: 404, body: 'no_service' });
    expect(await ask(slack.webhookUrl, proxyOf)).toMatchObject({ status: 400 });
    expect(proxy.asked).toEqual([{ for: 'slack.invalid:80', as: null }]);
  });

  test('says that a proxy cannot be used, and shows none of it', async () => {
    const told = await ask('http://slack.invalid/no', () => 'socks5://me:secret@proxy');
    expect(told).toEqual({
      kind: 'unreachable',
      cause: 'no-route',
      detail: 'the proxy of the environment is none of http or https',
    });
  });
});

test('the doctor looks for the way to a channel where its messages go', async () => {
  const proxy = await startConnectProxy();
  const webhook = 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX';
  const exam = await examineChannel(
    { name: 'oncall', type: 'slack', endpoint: null, settings: { webhook }, rules: EVERYTHING },
    {
      secrets: { resolve: () => Promise.reject(new Error('no secret is named')) },
      mayCall: () => true,
      proxyOf: () => proxy.url,
    },
    { deadlineMs: 5_000 },
  );
  await proxy.close();
  expect(exam).toMatchObject({ secret: { ok: true }, name: { ok: true }, port: { ok: true } });
});
