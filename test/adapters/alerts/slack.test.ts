import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { type SlackStub, startSlackStub } from '../../stubs/channels.ts';
import type { Fault } from '../../stubs/faults.ts';
import { cannedRequest, opened, requestOver } from './samples.ts';
import { slackNotifier } from './senders.ts';

const WEBHOOK = 'https://hooks.slack.com/services/T0/B0/aSecretNobodyMaySee';
let agent: Agent;
let stub: SlackStub;
beforeAll(() => {
  agent = new Agent();
});
afterAll(() => agent.close());
beforeEach(async () => {
  stub = await startSlackStub();
});
afterEach(() => stub.close());

const send = (deadlineMs?: number) =>
  slackNotifier({ webhook: stub.webhookUrl, endpoint: null, request: requestOver(agent, deadlineMs) }).send(
    opened,
  );

test('Slack gets the message with its blocks once and says ok', async () => {
  expect(await send()).toEqual({ kind: 'delivered' });
  expect(stub.messages).toHaveLength(1);
  expect(stub.messages[0]?.body).toMatchObject({
    text: expect.stringContaining(opened.title),
    blocks: expect.any(Array),
  });
});

describe('trouble on the way', () => {
  const later = (afterMs: number, detail: RegExp) => ({
    kind: 'later',
    afterMs,
    detail: expect.stringMatching(detail),
  });
  const rows: { name: string; fault: Fault; want: unknown }[] = [
    {
      name: 'a 429 waits exactly as long as Slack asks',
      fault: { kind: 'rate-limit', retryAfter: 7 },
      want: later(7_000, /slow down/),
    },
    {
      name: 'a 429 without Retry-After waits 30 s',
      fault: { kind: 'rate-limit', retryAfter: null },
      want: later(30_000, /slow down/),
    },
    {
      name: 'a Retry-After that is no number counts as absent',
      fault: {
        kind: 'answer',
        status: 429,
        body: '',
        headers: { 'retry-after': 'Mon, 23 Nov 2026 03:13:00 GMT' },
      },
      want: later(30_000, /429/),
    },
    {
      name: 'a page of HTML with status 500 is trouble of Slack',
      fault: { kind: 'server-error' },
      want: later(30_000, /trouble of its own \(500\)/),
    },
    {
      name: 'a 503 with Retry-After is waited for',
      fault: { kind: 'answer', status: 503, body: '', headers: { 'retry-after': '120' } },
      want: later(120_000, /503/),
    },
    {
      name: 'an answer too late is no answer',
      fault: { kind: 'slow', ms: 4_000 },
      want: later(30_000, /gave no answer/),
    },
    {
      name: 'a connection cut before the answer leaves it open whether it arrived',
      fault: { kind: 'cut' },
      want: later(30_000, /gave no answer/),
    },
    {
      name: 'an answer that breaks off is no yes',
      fault: { kind: 'truncated' },
      want: later(30_000, /gave no answer/),
    },
    {
      name: 'a login page with status 200 is not Slack',
      fault: { kind: 'answer', status: 200, body: '<html>Sign in</html>' },
      want: later(30_000, /proxy may be in the way/),
    },
    {
      name: 'a redirect is not followed',
      fault: { kind: 'redirect' },
      want: { kind: 'refused', detail: expect.stringMatching(/redirect \(302\)/) },
    },
  ];
  test.each(rows)('$name', async ({ fault, want }) => {
    stub.fail(fault);
    expect(await send(2_000)).toEqual(want);
    expect(stub.requests).toHaveLength(1);
  });

  test('nobody listens', async () => {
    await stub.close();
    expect(await send()).toEqual(later(30_000, /connection refused/));
  });
});

test('every status there is has one of the three answers', async () => {
  for (let status = 200; status < 600; status += 1) {
    const { request } = cannedRequest(status, 'ok');
    const { kind } = await slackNotifier({ webhook: WEBHOOK, endpoint: null, request }).send(opened);
    const isLater = status === 408 || status === 429 || status >= 500 || (status > 200 && status < 300);
    expect([status, kind]).toEqual([status, status === 200 ? 'delivered' : isLater ? 'later' : 'refused']);
  }
});
