import { Agent } from 'undici';
import { consoleNotifier } from '../../../functions/adapters/alerts/console.ts';
import { createNotifiers } from '../../../functions/adapters/alerts/create-notifiers.ts';
import type { Channel } from '../../../functions/core/target.ts';
import { startPagerDutyStub, startSlackStub } from '../../stubs/channels.ts';
import type { Fault } from '../../stubs/faults.ts';
import { type ChannelRig, describeNotifier } from './notifier-contract.ts';
import { requestOver } from './samples.ts';

/** The page of a proxy that repeats all it was asked, as some do. */
const echo = (secret: string): Fault => ({ kind: 'answer', status: 404, body: `Cannot POST ${secret} here` });
const ALWAYS = { times: Number.POSITIVE_INFINITY };

const faultsFor = (secret: string): Readonly<Record<string, Fault>> => ({
  'a slow answer': { kind: 'slow', ms: 4_000, ...ALWAYS },
  'a connection cut': { kind: 'cut', taken: false, ...ALWAYS },
  'a rate limit': { kind: 'rate-limit', retryAfter: 3, ...ALWAYS },
  'a rate limit without Retry-After': { kind: 'rate-limit', retryAfter: null, ...ALWAYS },
  'a page of HTML with 500': { kind: 'server-error', ...ALWAYS },
  'an answer that breaks off': { kind: 'truncated', ...ALWAYS },
  'a revoked credential': { kind: 'revoked', ...ALWAYS },
  'an archived channel': { kind: 'archived', ...ALWAYS },
  'a redirect that repeats the secret': { kind: 'redirect', to: `https://elsewhere/${secret}`, ...ALWAYS },
  'a page that repeats the secret': { ...echo(secret), ...ALWAYS },
  'a refusal that repeats the secret': {
    kind: 'answer',
    status: 400,
    body: `{"errors":["${secret}"]}`,
    ...ALWAYS,
  },
});
const HTTP_FAULTS = Object.keys(faultsFor(''));

interface Stub {
  fail(next: Fault | readonly Fault[]): void;
  readonly requests: readonly unknown[];
  close(): Promise<void>;
}

async function rigOf(stub: Stub, channel: Channel, secret: string, taken: () => number): Promise<ChannelRig> {
  const agent = new Agent();
  const secrets = { resolve: async () => secret };
  const notifier = createNotifiers([channel], secrets, requestOver(agent, 2_000), () => true).get(
    channel.name,
  );
  if (notifier === undefined) throw new Error('there is no notifier');
  const faults = Object.entries(faultsFor(secret.split('/').at(-1) ?? secret));
  return {
    notifier,
    secret: secret.split('/').at(-1) ?? secret,
    taken,
    asked: () => stub.requests.length,
    heal: () => stub.fail([]),
    faults: Object.fromEntries(faults.map(([name, fault]) => [name, () => stub.fail(fault)])),
    async close() {
      await agent.close();
      await stub.close();
    },
  };
}

describeNotifier('slack', HTTP_FAULTS, async () => {
  const stub = await startSlackStub();
  const webhook = { scheme: 'env', name: 'HOOK' } as const;
  const channel: Channel = { name: 'team', type: 'slack', webhook, endpoint: null };
  return rigOf(stub, channel, stub.webhookUrl, () => stub.messages.length);
});

describeNotifier('pagerduty', HTTP_FAULTS, async () => {
  const stub = await startPagerDutyStub();
  const routingKey = { scheme: 'env', name: 'KEY' } as const;
  const channel: Channel = { name: 'oncall', type: 'pagerduty', routingKey, endpoint: stub.endpoint };
  return rigOf(stub, channel, stub.routingKey, () => stub.events.length + stub.changes.length);
});

describeNotifier('console', ['a closed terminal'], async () => {
  const lines: string[] = [];
  let isClosed = false;
  let asked = 0;
  const notifier = consoleNotifier((line) => {
    asked += 1;
    if (isClosed) throw new Error('write EPIPE https://hooks.slack.com/services/T/B/aSecret');
    lines.push(line);
  });
  return {
    notifier,
    secret: 'aSecret',
    taken: () => lines.length,
    asked: () => asked,
    heal: () => {
      isClosed = false;
    },
    faults: {
      'a closed terminal': () => {
        isClosed = true;
      },
    },
    close: async () => {},
  };
});
