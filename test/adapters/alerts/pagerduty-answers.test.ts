import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { pagerDutyNotifier } from '../../../functions/adapters/alerts/pagerduty.ts';
import type { Notification } from '../../../functions/core/notification.ts';
import { type PagerDutyStub, startPagerDutyStub } from '../../stubs/channels.ts';
import type { Fault } from '../../stubs/faults.ts';
import { cannedRequest, note, opened, requestOver, resolved, updated } from './samples.ts';

const RULESET_KEY = 'R123456789abcdef0123456789abcdef';
const OTHER_KEY = 'ffffffffffffffffffffffffffffffff';
let agent: Agent;
let stub: PagerDutyStub;
beforeAll(() => {
  agent = new Agent();
});
afterAll(() => agent.close());
beforeEach(async () => {
  stub = await startPagerDutyStub({ moreKeys: [RULESET_KEY, OTHER_KEY] });
});
afterEach(() => stub.close());

const send = (notification: Notification, routingKey = stub.routingKey, deadlineMs?: number) =>
  pagerDutyNotifier({ routingKey, endpoint: stub.endpoint, request: requestOver(agent, deadlineMs) }).send(
    notification,
  );
const delivered = { kind: 'delivered' };

describe('trouble on the way', () => {
  const later = (afterMs: number, detail: RegExp) => ({
    kind: 'later',
    afterMs,
    detail: expect.stringMatching(detail),
  });
  const rows: { name: string; fault: Fault; want: unknown }[] = [
    {
      name: 'a 429 waits exactly as long as it says',
      fault: { kind: 'rate-limit', retryAfter: 12 },
      want: later(12_000, /slow down/),
    },
    {
      name: 'a 429 without Retry-After waits 30 s',
      fault: { kind: 'rate-limit', retryAfter: null },
      want: later(30_000, /slow down/),
    },
    {
      name: 'a 408 is repeated',
      fault: { kind: 'answer', status: 408, body: '' },
      want: later(30_000, /408/),
    },
    {
      name: 'a page of HTML with status 500 is repeated',
      fault: { kind: 'server-error' },
      want: later(30_000, /500/),
    },
    {
      name: 'an answer too late is no answer',
      fault: { kind: 'slow', ms: 2_000 },
      want: later(30_000, /gave no answer/),
    },
    {
      name: 'a 202 that breaks off is repeated, the key makes that safe',
      fault: { kind: 'truncated' },
      want: later(30_000, /gave no answer/),
    },
    {
      name: 'a 200 is not PagerDuty',
      fault: { kind: 'answer', status: 200, body: '<html>' },
      want: later(30_000, /proxy may be in the way/),
    },
    {
      name: 'a redirect is not followed',
      fault: { kind: 'redirect' },
      want: { kind: 'refused', detail: expect.stringMatching(/redirect/) },
    },
  ];
  test.each(rows)('$name', async ({ fault, want }) => {
    stub.fail(fault);
    expect(await send(opened, undefined, 300)).toEqual(want);
    expect(stub.requests).toHaveLength(1);
  });
});

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

test('every status there is has one of the three answers', async () => {
  for (let status = 200; status < 600; status += 1) {
    const { request } = cannedRequest(status, '');
    const { kind } = await pagerDutyNotifier({ routingKey: OTHER_KEY, endpoint: null, request }).send(opened);
    const isLater = status === 408 || status === 429 || status >= 500 || (status < 300 && status !== 202);
    expect([status, kind]).toEqual([status, status === 202 ? 'delivered' : isLater ? 'later' : 'refused']);
  }
});

test.each([
  { endpoint: null, want: 'https://events.pagerduty.com/v2/enqueue' },
  { endpoint: 'https://events.eu.pagerduty.com', want: 'https://events.eu.pagerduty.com/v2/enqueue' },
  { endpoint: 'https://events.eu.pagerduty.com/', want: 'https://events.eu.pagerduty.com/v2/enqueue' },
  {
    endpoint: 'https://events.eu.pagerduty.com/v2/enqueue',
    want: 'https://events.eu.pagerduty.com/v2/enqueue',
  },
  { endpoint: 'http://proxy:8080/pagerduty', want: 'http://proxy:8080/pagerduty/v2/enqueue' },
])('endpoint $endpoint asks $want', async ({ endpoint, want }) => {
  const urls: string[] = [];
  const request = (wanted: { url: string }) => {
    urls.push(wanted.url);
    return cannedRequest(202, '').request({ url: '', deadlineMs: 0 });
  };
  await pagerDutyNotifier({ routingKey: OTHER_KEY, endpoint, request }).send(opened);
  expect(urls).toEqual([want]);
});
