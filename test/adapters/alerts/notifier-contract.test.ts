import { consoleNotifier } from '../../../functions/adapters/alerts/console.ts';
import type { ChannelKind } from '../../../functions/config/channels/kinds.ts';
import type { ChannelStub } from '../../stubs/channel-stub.ts';
import type { Fault } from '../../stubs/faults.ts';
import { CHANNEL_STUBS } from '../../stubs/kinds.ts';
import { type ChannelRig, describeNotifier } from './notifier-contract.ts';
import { rigOf } from './rig.ts';

/** The page of a proxy that repeats all it was asked, as some do. */
const echo = (secret: string): Fault => ({ kind: 'answer', status: 404, body: `Cannot POST ${secret} here` });
const LOGIN = '\n<!DOCTYPE html>\n<html lang="en"><title>Sign in</title><form></form></html>';
const ALWAYS = { times: Number.POSITIVE_INFINITY };

/** What can happen to whatever speaks over a network. */
const faults: Readonly<Record<string, Fault>> = {
  'a slow answer': { kind: 'slow', ms: 8_000, ...ALWAYS },
  'a connection cut': { kind: 'cut', taken: false, ...ALWAYS },
  'a rate limit': { kind: 'rate-limit', retryAfter: 3, ...ALWAYS },
  'trouble of its own': { kind: 'server-error', ...ALWAYS },
  'a revoked credential': { kind: 'revoked', ...ALWAYS },
  'an archived channel': { kind: 'archived', ...ALWAYS },
};
const httpFaultsFor = (secret: string): Readonly<Record<string, Fault>> => ({
  'a rate limit without Retry-After': { kind: 'rate-limit', retryAfter: null, ...ALWAYS },
  'an answer that breaks off': { kind: 'truncated', ...ALWAYS },
  'a redirect that repeats the secret': { kind: 'redirect', to: `https://elsewhere/${secret}`, ...ALWAYS },
  'a login page that says 200': { kind: 'answer', status: 200, body: LOGIN, ...ALWAYS },
  'a login page that says 202': { kind: 'answer', status: 202, body: LOGIN, ...ALWAYS },
  'a page that repeats the secret': { ...echo(secret), ...ALWAYS },
  'a refusal that repeats the secret': {
    kind: 'answer',
    status: 400,
    body: `{"errors":["${secret}"]}`,
    ...ALWAYS,
  },
});
const FAULTS = Object.keys(faults);
const HTTP_FAULTS = [...FAULTS, ...Object.keys(httpFaultsFor(''))];
/** The key that AWS's calls are signed with goes nowhere, so nothing can repeat it. */
const AWS_FAULTS = HTTP_FAULTS.filter((name) => !/ that repeats the secret/.test(name));

/** Quoted-printable, as mails cross the network. */
function unquoted(mail: string): string {
  return mail
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

async function contractRig(type: ChannelKind, start: () => Promise<ChannelStub>): Promise<ChannelRig> {
  const stub = await start();
  const { notifier, close } = rigOf(type, stub);
  const all = Object.entries({ ...faults, ...httpFaultsFor(stub.secret) });
  return {
    notifier,
    secret: stub.secret,
    taken: () => stub.accepted.length,
    said: () => (type === 'email' ? unquoted : String)(stub.accepted.at(-1) ?? ''),
    asked: () => stub.requests.length,
    heal: () => stub.fail([]),
    faults: Object.fromEntries(all.map(([name, fault]) => [name, () => stub.fail(fault)])),
    // What never began there need not end.
    silent: type === 'alertmanager' ? ['resolved'] : [],
    async close() {
      await close();
      await stub.close();
    },
  };
}

for (const [kind, starts] of Object.entries(CHANNEL_STUBS)) {
  for (const [at, start] of starts.entries()) {
    const names = kind === 'email' ? FAULTS : /^(sns|eventbridge)$/.test(kind) ? AWS_FAULTS : HTTP_FAULTS;
    describeNotifier(at === 0 ? kind : `${kind} (${at + 1})`, names, () =>
      contractRig(kind as ChannelKind, start),
    );
  }
}

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
    said: () => lines.at(-1) ?? '',
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
