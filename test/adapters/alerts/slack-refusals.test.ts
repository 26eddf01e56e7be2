import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { type SlackStub, startSlackStub } from '../../stubs/channels.ts';
import { opened, requestOver } from './samples.ts';
import { slackNotifier } from './senders.ts';

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

describe('refusals say what is broken', () => {
  const refusal = (detail: RegExp, credentials: boolean) => ({
    kind: 'refused',
    detail: expect.stringMatching(detail),
    ...(credentials && { credentials }),
  });
  test.each([
    {
      status: 404,
      body: 'no_service',
      says: /webhook was removed \(no_service\); create a new one and update the secret/,
      credentials: true,
    },
    { status: 404, body: 'no_service_id', says: /webhook does not exist/, credentials: true },
    { status: 404, body: 'no_active_hooks', says: /webhook was disabled/, credentials: true },
    { status: 404, body: 'no_team', says: /no known workspace/, credentials: true },
    { status: 404, body: 'channel_not_found', says: /channel of the webhook is gone/, credentials: true },
    { status: 410, body: 'channel_is_archived', says: /is archived/, credentials: true },
    { status: 403, body: 'invalid_token', says: /was revoked/, credentials: true },
    { status: 403, body: 'action_prohibited', says: /administrator/, credentials: true },
    { status: 403, body: 'posting_to_general_channel_denied', says: /general channel/, credentials: true },
    { status: 403, body: 'team_disabled', says: /workspace is disabled/, credentials: false },
    { status: 400, body: 'user_not_found', says: /person .* is gone/, credentials: true },
    { status: 400, body: 'no_service', says: /removed/, credentials: true },
    {
      status: 403,
      body: 'something_new',
      says: /refused the message \(403, something_new\)/,
      credentials: true,
    },
    { status: 418, body: '', says: /refused the message \(418\)/, credentials: false },
    { status: 404, body: '<html>toString</html>', says: /404, <html>/, credentials: true },
    { status: 404, body: 'constructor', says: /404, constructor/, credentials: true },
  ])('$status $body', async ({ status, body, says, credentials }) => {
    stub.fail({ kind: 'answer', status, body: `${body}\n` });
    expect(await send()).toEqual(refusal(says, credentials));
    expect(stub.requests).toHaveLength(1);
  });
});

describe('a layout that Slack does not take', () => {
  const names = [
    'invalid_payload',
    'invalid_blocks',
    'invalid_blocks_format',
    'msg_blocks_too_long',
    'no_text',
    'something_new',
  ];
  test.each(names)('after 400 %s the alert goes out once more as plain text', async (body) => {
    stub.fail({ kind: 'answer', status: 400, body });
    expect(await send()).toEqual({ kind: 'delivered' });
    expect(stub.messages.map((message) => message.body)).toEqual([
      { text: expect.stringContaining(opened.title) },
    ]);
  });

  test('the plain text is refused too, and that is the end', async () => {
    stub.fail({ kind: 'answer', status: 400, body: 'invalid_payload', times: Number.POSITIVE_INFINITY });
    expect(await send()).toEqual({
      kind: 'refused',
      detail: expect.stringMatching(/invalid_payload\); this is a defect/),
    });
    expect(stub.requests).toHaveLength(2);
  });

  test('the plain text meets a rate limit and waits', async () => {
    stub.fail([
      { kind: 'answer', status: 400, body: 'invalid_blocks' },
      { kind: 'rate-limit', retryAfter: 3 },
    ]);
    expect(await send()).toMatchObject({ kind: 'later', afterMs: 3_000 });
  });
});
