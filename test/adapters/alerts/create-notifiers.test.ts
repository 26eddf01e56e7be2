import { describe, expect, test } from '@jest/globals';
import { createNotifiers } from '../../../functions/adapters/alerts/create-notifiers.ts';
import type { Request } from '../../../functions/adapters/alerts/post.ts';
import { WatchdogError } from '../../../functions/core/errors.ts';
import type { Channel, SecretRef } from '../../../functions/core/target.ts';
import type { Notifier } from '../../../functions/ports.ts';
import { cannedRequest, opened } from './samples.ts';

const ref = (name: string): SecretRef => ({ scheme: 'env', name });
const slack: Channel = { name: 'team', type: 'slack', webhook: ref('HOOK'), endpoint: null };
const pager: Channel = { name: 'oncall', type: 'pagerduty', routingKey: ref('KEY'), endpoint: null };
const [OLD, NEW] = ['https://hooks.slack.com/services/T/B/old1', 'https://hooks.slack.com/services/T/B/new1'];

const missing = new WatchdogError({
  code: 'WD_SECRET',
  what: 'the variable HOOK is not set',
  notDone: 'nothing was sent',
  run: 'Set it.',
});

/** Yields the given values one after the other, the last for ever; an Error is thrown. */
function secretsOf(...values: (string | Error)[]) {
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
function slackKnowing(...urls: string[]) {
  const asked: string[] = [];
  const request: Request = async ({ url }) => {
    asked.push(url);
    const [status, body] = urls.includes(url) ? [200, 'ok'] : [404, 'no_service'];
    return { kind: 'answer', status, headers: {}, body, truncated: false };
  };
  return { asked, request };
}

function only(notifiers: ReadonlyMap<string, Notifier>): Notifier {
  const [notifier] = notifiers.values();
  if (notifier === undefined) throw new Error('there is no notifier');
  return notifier;
}

const delivered = { kind: 'delivered' };

test('every channel has its notifier, by name', () => {
  const { request } = cannedRequest(200, 'ok');
  expect([...createNotifiers([slack, pager], secretsOf(OLD), request).keys()]).toEqual(['team', 'oncall']);
  expect(createNotifiers([], secretsOf(OLD), request).size).toBe(0);
});

test('nothing is resolved before it is needed, then once for the process', async () => {
  const secrets = secretsOf(OLD);
  const notifier = only(createNotifiers([slack], secrets, slackKnowing(OLD).request));
  expect(secrets.asked).toEqual([]);
  expect(await Promise.all([notifier.send(opened), notifier.send(opened)])).toEqual([delivered, delivered]);
  expect(await notifier.send(opened)).toEqual(delivered);
  expect(secrets.asked).toEqual(['HOOK']);
});

test('a value that is written out needs no secret source', async () => {
  const secrets = secretsOf(new Error('must not be asked'));
  const notifier = only(createNotifiers([{ ...slack, webhook: OLD }], secrets, slackKnowing(OLD).request));
  expect(await notifier.send(opened)).toEqual(delivered);
  expect(secrets.asked).toEqual([]);
});

describe('a secret that does not resolve', () => {
  const rows: { name: string; value: string | Error; says: RegExp }[] = [
    {
      name: 'is named, with the reason',
      value: missing,
      says: /"team" \(env:HOOK\) does not resolve: the variable HOOK is not set; nothing was sent/,
    },
    { name: 'may fail in ways nobody foresaw', value: new Error('socket hang up'), says: /socket hang up/ },
    { name: 'may be empty', value: ' \n', says: /it is empty/ },
  ];
  test.each(rows)('$name', async ({ value, says }) => {
    const { request, bodies } = cannedRequest(200, 'ok');
    const notifier = only(createNotifiers([slack], secretsOf(value), request));
    expect(await notifier.send(opened)).toEqual({
      kind: 'later',
      afterMs: 30_000,
      detail: expect.stringMatching(says),
    });
    expect(bodies).toEqual([]);
  });

  test('is asked for again with the next delivery', async () => {
    const secrets = secretsOf(missing, OLD);
    const notifier = only(createNotifiers([slack], secrets, slackKnowing(OLD).request));
    expect(await notifier.send(opened)).toMatchObject({ kind: 'later' });
    expect(await notifier.send(opened)).toEqual(delivered);
  });
});

describe('a refusal that smells of credentials', () => {
  test('fetches the secret again, and a rotated one delivers in the same breath', async () => {
    const secrets = secretsOf(OLD, NEW);
    const { request, asked } = slackKnowing(NEW);
    const notifier = only(createNotifiers([slack], secrets, request));
    expect(await notifier.send(opened)).toEqual(delivered);
    expect(await notifier.send(opened)).toEqual(delivered);
    expect(secrets.asked).toHaveLength(2);
    expect(asked).toEqual([OLD, NEW, NEW]);
  });

  test('is passed on when the secret is the same, after one request', async () => {
    const secrets = secretsOf(OLD);
    const { request, asked } = slackKnowing(NEW);
    const notifier = only(createNotifiers([slack], secrets, request));
    expect(await notifier.send(opened)).toEqual({
      kind: 'refused',
      detail: expect.stringMatching(/no_service/),
    });
    expect(asked).toEqual([OLD]);
    expect(secrets.asked).toHaveLength(2);
  });

  test('is passed on when the new secret is refused, too', async () => {
    const { request, asked } = slackKnowing();
    const notifier = only(createNotifiers([slack], secretsOf(OLD, NEW, 'https://x/3'), request));
    expect(await notifier.send(opened)).toMatchObject({ kind: 'refused' });
    expect(asked).toEqual([OLD, NEW]);
  });

  test('waits when the secret cannot be read any more: it may have been rotated', async () => {
    const notifier = only(createNotifiers([slack], secretsOf(OLD, missing), slackKnowing().request));
    expect(await notifier.send(opened)).toMatchObject({
      kind: 'later',
      detail: expect.stringMatching(/not set/),
    });
  });

  test('refreshes a rotated routing key as well', async () => {
    const sent: string[] = [];
    const request: Request = async ({ body = '' }) => {
      const key = JSON.parse(body).routing_key;
      sent.push(key);
      const answer =
        key === 'new'
          ? { status: 202, body: '' }
          : { status: 400, body: '{"errors":["Invalid routing key"]}' };
      return { kind: 'answer', headers: {}, truncated: false, ...answer };
    };
    const notifier = only(createNotifiers([pager], secretsOf('old', 'new'), request));
    expect(await notifier.send(opened)).toEqual(delivered);
    expect(sent).toEqual(['old', 'new']);
  });

  test('any other refusal asks for no secret', async () => {
    const secrets = secretsOf(OLD, NEW);
    const notifier = only(createNotifiers([slack], secrets, cannedRequest(400, 'invalid_payload').request));
    expect(await notifier.send(opened)).toMatchObject({ kind: 'refused' });
    expect(secrets.asked).toEqual(['HOOK']);
  });
});

test('a defect of ours is a refusal, never a rejection', async () => {
  const request: Request = () => Promise.reject(new Error(`it broke at ${OLD}`));
  const delivery = await only(createNotifiers([slack], secretsOf(OLD), request)).send(opened);
  expect(delivery).toEqual({ kind: 'refused', detail: expect.stringMatching(/defect of the watchdog/) });
  expect(JSON.stringify(delivery)).not.toContain('old1');
});
