import { describe, expect, test } from '@jest/globals';
import { createNotifiers } from '../../../functions/adapters/alerts/create-notifiers.ts';
import type { Request } from '../../../functions/adapters/alerts/post.ts';
import { cannedRequest, opened } from './samples.ts';
import {
  anyHost,
  meansOf,
  missing,
  notifierOf,
  OLD,
  pager,
  secretsOf,
  slack,
  slackKnowing,
} from './secret-rig.ts';

const delivered = { kind: 'delivered' };

test('every channel has its notifier, by name', () => {
  const { request } = cannedRequest(200, 'ok');
  expect([
    ...createNotifiers([slack, pager], { ...meansOf(secretsOf(OLD), request), mayCall: anyHost }).keys(),
  ]).toEqual(['team', 'oncall']);
  expect(createNotifiers([], { ...meansOf(secretsOf(OLD), request), mayCall: anyHost }).size).toBe(0);
});

test('nothing is resolved before it is needed, then once for the process', async () => {
  const secrets = secretsOf(OLD);
  const notifier = notifierOf(slack, secrets, slackKnowing(OLD).request);
  expect(secrets.asked).toEqual([]);
  expect(await Promise.all([notifier.send(opened), notifier.send(opened)])).toEqual([delivered, delivered]);
  expect(await notifier.send(opened)).toEqual(delivered);
  expect(secrets.asked).toEqual(['HOOK']);
});

test('a value that is written out needs no secret source', async () => {
  const secrets = secretsOf(new Error('must not be asked'));
  const notifier = notifierOf({ ...slack, settings: { webhook: OLD } }, secrets, slackKnowing(OLD).request);
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
    const notifier = notifierOf(slack, secretsOf(value), request);
    expect(await notifier.send(opened)).toEqual({
      kind: 'later',
      afterMs: 30_000,
      detail: expect.stringMatching(says),
    });
    expect(bodies).toEqual([]);
  });

  test('is asked for again with the next delivery', async () => {
    const secrets = secretsOf(missing, OLD);
    const notifier = notifierOf(slack, secrets, slackKnowing(OLD).request);
    expect(await notifier.send(opened)).toMatchObject({ kind: 'later' });
    expect(await notifier.send(opened)).toEqual(delivered);
  });
});

test('a defect of ours is a refusal, never a rejection', async () => {
  const request: Request = () => Promise.reject(new Error(`it broke at ${OLD}`));
  const delivery = await notifierOf(slack, secretsOf(OLD), request).send(opened);
  expect(delivery).toEqual({ kind: 'refused', detail: expect.stringMatching(/defect of the watchdog/) });
  expect(JSON.stringify(delivery)).not.toContain('old1');
});
