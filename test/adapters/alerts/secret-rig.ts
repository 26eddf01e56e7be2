import { createNotifiers } from '../../../functions/adapters/alerts/create-notifiers.ts';
import type { Request } from '../../../functions/adapters/alerts/post.ts';
import { type Channel, EVERYTHING } from '../../../functions/core/channel.ts';
import { WatchdogError } from '../../../functions/core/errors.ts';
import type { SecretRef } from '../../../functions/core/target.ts';
import type { Notifier, SecretSource } from '../../../functions/ports.ts';

const ref = (name: string): SecretRef => ({ scheme: 'env', name });
export const slack = {
  name: 'team',
  type: 'slack',
  settings: { webhook: ref('HOOK') },
  endpoint: null,
  rules: EVERYTHING,
} as const satisfies Channel;
export const pager: Channel = {
  name: 'oncall',
  type: 'pagerduty',
  settings: { routingKey: ref('KEY') },
  endpoint: null,
  rules: EVERYTHING,
};
export const [OLD, NEW] = [
  'https://hooks.slack.com/services/T/B/old1',
  'https://hooks.slack.com/services/T/B/new1',
];

export const missing = new WatchdogError({
  code: 'WD_SECRET',
  what: 'the variable HOOK is not set',
  notDone: 'nothing was sent',
  run: 'Set it.',
});

/** Yields the given values one after the other, the last for ever; an Error is thrown. */
export function secretsOf(...values: (string | Error)[]) {
  const asked: string[] = [];
  const resolve = async ({ name }: SecretRef) => {
    const value = values[Math.min(asked.length, values.length - 1)] ?? '';
    asked.push(name);
    if (typeof value !== 'string') throw value;
    return value;
  };
  return { asked, resolve };
}

/** Answers by URL; anything else is told "no_service". */
export function slackKnowing(...urls: string[]) {
  const asked: string[] = [];
  const request: Request = async ({ url }) => {
    asked.push(url);
    const [status, body] = urls.includes(url) ? [200, 'ok'] : [404, 'no_service'];
    return { kind: 'answer', status, headers: {}, body, truncated: false };
  };
  return { asked, request };
}

/** What senders get beside their secrets; nothing here has credentials of AWS. */
export function meansOf(secrets: SecretSource, request: Request) {
  return {
    secrets,
    request,
    now: () => NOW,
    sign: async () => {
      throw new Error('there are no credentials');
    },
  };
}
export const NOW = Date.UTC(2026, 10, 23, 3, 14);

/** For tests that are not about hosts. */
export const anyHost = () => true;

/** The notifier of one channel. */
export function notifierOf(channel: Channel, secrets: SecretSource, request: Request): Notifier {
  const notifier = createNotifiers([channel], { ...meansOf(secrets, request), mayCall: anyHost }).get(
    channel.name,
  );
  if (notifier === undefined) throw new Error('there is no notifier');
  return notifier;
}
