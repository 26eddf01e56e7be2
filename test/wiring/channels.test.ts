import { expect, test } from '@jest/globals';
import { type Channel, EVERYTHING } from '../../functions/core/channel.ts';
import type { TargetsRef } from '../../functions/wiring/settings.ts';
import { wire } from '../../functions/wiring/wire.ts';
import { opened } from '../adapters/alerts/samples.ts';
import { startSlackStub } from '../stubs/slack.ts';

const FILES: TargetsRef = { kind: 'files', path: './targets' };
const SSM: TargetsRef = { kind: 'ssm', prefix: '/watchdog' };

test.each([
  { name: 'documents of this machine may name this machine', targets: FILES, channelHosts: [], sent: true },
  { name: 'documents from SSM may not', targets: SSM, channelHosts: [], sent: false },
  { name: 'unless the operator names it', targets: SSM, channelHosts: ['127.0.0.1'], sent: true },
  { name: 'another port does not count', targets: SSM, channelHosts: ['127.0.0.1:1'], sent: false },
])('$name', async ({ targets, channelHosts, sent }) => {
  const slack = await startSlackStub();
  const { ports, close } = await wire({
    settings: {
      targets,
      state: { kind: 'memory' },
      channelHosts,
      env: { HOOK: slack.webhookUrl },
      home: '/',
    },
    progress: () => {},
    printAlert: null,
    readOnly: false,
  });
  try {
    const webhook = { scheme: 'env', name: 'HOOK' } as const;
    const channel: Channel = {
      name: 'oncall',
      type: 'slack',
      settings: { webhook },
      endpoint: null,
      rules: EVERYTHING,
    };
    const delivery = await ports.notifiersOf([channel]).get('oncall')?.send(opened);
    expect(delivery?.kind).toBe(sent ? 'delivered' : 'later');
    expect(slack.messages).toHaveLength(sent ? 1 : 0);
  } finally {
    await close();
    await slack.close();
  }
});
