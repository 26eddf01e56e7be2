import { Agent } from 'undici';
import { createNotifiers } from '../../../functions/adapters/alerts/create-notifiers.ts';
import { createSigner } from '../../../functions/adapters/aws/sign.ts';
import { formOf } from '../../../functions/config/channel-schema.ts';
import type { ChannelKind } from '../../../functions/config/channels/kinds.ts';
import { type Channel, EVERYTHING } from '../../../functions/core/channel.ts';
import type { Notifier } from '../../../functions/ports.ts';
import { AWS_KEYS, type ChannelStub } from '../../stubs/channel-stub.ts';
import { requestOver } from './samples.ts';

export interface Rig {
  readonly channel: Channel;
  readonly notifier: Notifier;
  close(): Promise<void>;
}

/** The document of a channel whose service is the stub; its secrets are references, as they should be. */
export function channelFor(type: ChannelKind, stub: ChannelStub, name = 'it'): Channel {
  const secrets = Object.keys(formOf(type)?.secrets ?? {});
  const settings = Object.entries(stub.settings).map(([key]) => [
    key,
    secrets.includes(key) ? ({ scheme: 'env', name: key } as const) : (stub.settings[key] ?? ''),
  ]);
  return { name, type, endpoint: stub.endpoint, settings: Object.fromEntries(settings), rules: EVERYTHING };
}

/** The true notifier of one channel in front of its stub. */
export function rigOf(
  type: ChannelKind,
  stub: ChannelStub,
  {
    now = Date.now,
    deadlineMs = 2_000,
    buttons = false,
  }: { readonly now?: () => number; readonly deadlineMs?: number; readonly buttons?: boolean } = {},
): Rig {
  const agent = new Agent();
  const channel = channelFor(type, stub);
  const notifier = createNotifiers([channel], {
    secrets: { resolve: async ({ name }) => String(stub.settings[name]) },
    request: requestOver(agent, deadlineMs),
    now,
    sign: createSigner({
      credentials: async () => AWS_KEYS,
      region: async () => 'eu-west-1',
      clock: { now: Date.now },
    }),
    mayCall: () => true,
    buttons,
  }).get(channel.name);
  if (notifier === undefined) throw new Error('there is no notifier');
  return { channel, notifier, close: () => agent.close() };
}
