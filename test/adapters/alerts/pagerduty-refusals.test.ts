import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import type { Notification } from '../../../functions/core/notification.ts';
import { type PagerDutyStub, startPagerDutyStub } from '../../stubs/channels.ts';
import { opened, requestOver } from './samples.ts';
import { pagerDutyNotifier } from './senders.ts';

let agent: Agent;
let stub: PagerDutyStub;
beforeAll(() => {
  agent = new Agent();
});
afterAll(() => agent.close());
beforeEach(async () => {
  stub = await startPagerDutyStub();
});
afterEach(() => stub.close());

const send = (notification: Notification, routingKey = stub.routingKey, deadlineMs?: number) =>
  pagerDutyNotifier({ routingKey, endpoint: stub.endpoint, request: requestOver(agent, deadlineMs) }).send(
    notification,
  );
const delivered = { kind: 'delivered' };

describe('refusals name what PagerDuty names', () => {
  const json = (errors: unknown, message = 'Event object is invalid') =>
    JSON.stringify({ status: 'invalid event', message, errors });
  test.each([
    {
      name: 'the errors',
      status: 400,
      body: json(["'payload.source' is missing or blank", "'payload.severity' is missing or blank"]),
      says: /refused the event \(400\): 'payload.source' is missing or blank; 'payload.severity' is missing/,
      credentials: false,
    },
    {
      name: 'the message where there are no errors',
      status: 400,
      body: json([]),
      says: /400\): Event object is invalid/,
      credentials: false,
    },
    {
      name: 'the raw answer where it is no JSON',
      status: 400,
      body: 'nope',
      says: /400\): nope/,
      credentials: false,
    },
    {
      name: 'an unknown routing key among the errors',
      status: 400,
      body: json(['Invalid routing key']),
      says: /does not know the routing key \(400, Invalid routing key\); put/,
      credentials: true,
    },
    {
      name: 'an unknown routing key as the message',
      status: 400,
      body: json(undefined, 'Invalid routing key'),
      says: /does not know the routing key/,
      credentials: true,
    },
    {
      name: 'a key of the wrong length',
      status: 400,
      body: json(["Length of 'routing_key' is incorrect (should be 32 characters)"]),
      says: /does not know the routing key/,
      credentials: true,
    },
    { name: 'a 403', status: 403, body: '', says: /does not know the routing key/, credentials: true },
    {
      name: 'a wrong endpoint',
      status: 404,
      body: 'null',
      says: /404, null\); check the channel's endpoint/,
      credentials: false,
    },
  ])('$name', async ({ status, body, says, credentials }) => {
    stub.fail({ kind: 'answer', status, body });
    expect(await send(opened)).toEqual({
      kind: 'refused',
      detail: expect.stringMatching(says),
      ...(credentials && { credentials }),
    });
    expect(stub.requests).toHaveLength(1);
  });
});

describe('a body above 512 KB', () => {
  const big = { ...opened, fields: [{ name: 'Log', value: 'é'.repeat(300_000) }] };

  test('is sent once, with its details cut', async () => {
    expect(await send(big)).toEqual(delivered);
    expect(stub.requests).toHaveLength(1);
    expect(stub.events[0]?.payload).toMatchObject({ custom_details: { Log: `${'é'.repeat(499)}…` } });
  });

  test.each([
    { status: 413, body: '' },
    { status: 400, body: '{"message":"Event object is too large"}' },
  ])('is cut as well when only PagerDuty finds it too large ($status)', async ({ status, body }) => {
    stub.fail({ kind: 'answer', status, body });
    expect(await send(opened)).toEqual(delivered);
    expect(stub.requests).toHaveLength(2);
  });

  test('is refused when the short one is too large, too', async () => {
    stub.fail({ kind: 'answer', status: 413, body: '', times: Number.POSITIVE_INFINITY });
    expect(await send(opened)).toEqual({
      kind: 'refused',
      detail: expect.stringMatching(/too large, even without/),
    });
    expect(stub.requests).toHaveLength(2);
  });
});
