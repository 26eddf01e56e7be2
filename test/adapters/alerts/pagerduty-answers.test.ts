import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import type { Notification } from '../../../functions/core/notification.ts';
import { type PagerDutyStub, startPagerDutyStub } from '../../stubs/channels.ts';
import type { Fault } from '../../stubs/faults.ts';
import { cannedRequest, opened, requestOver } from './samples.ts';
import { pagerDutyNotifier } from './senders.ts';

const OTHER_KEY = 'ffffffffffffffffffffffffffffffff';
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
      fault: { kind: 'slow', ms: 4_000 },
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
      name: 'a login page with status 202 is not PagerDuty either',
      fault: { kind: 'answer', status: 202, body: '<!doctype html><html><title>Sign in</title></html>' },
      want: later(30_000, /proxy may be in the way/),
    },
    {
      name: 'a 202 in JSON that says nothing of success is no yes',
      fault: { kind: 'answer', status: 202, body: '{"status":"queued"}' },
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
    expect(await send(opened, undefined, 2_000)).toEqual(want);
    expect(stub.requests).toHaveLength(1);
  });
});

test('every status there is has one of the three answers', async () => {
  for (let status = 200; status < 600; status += 1) {
    const { request } = cannedRequest(status, '{"status":"success","message":"Event processed"}');
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
