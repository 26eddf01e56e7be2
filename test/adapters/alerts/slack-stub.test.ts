import { describe, expect, test } from '@jest/globals';
import { startSlackStub } from '../../stubs/channels.ts';
import { slackFault } from '../../stubs/slack-rules.ts';
import { post, started } from './stub-client.ts';

describe('the Slack stub refuses what Slack refuses', () => {
  const plain = (chars: number) => ({ type: 'plain_text', text: 'x'.repeat(chars) });
  const mrkdwn = (chars: number) => ({ type: 'mrkdwn', text: 'x'.repeat(chars) });
  const header = (chars: number) => ({ type: 'header', text: plain(chars) });
  const section = (chars: number) => ({ type: 'section', text: mrkdwn(chars) });
  const fields = (count: number, chars = 1) => ({
    type: 'section',
    fields: Array(count).fill(mrkdwn(chars)),
  });
  const blocks = (...list: unknown[]) => ({ text: 'fallback', blocks: list });
  test.each([
    { name: 'text alone is enough', message: { text: 'a' }, want: null },
    { name: 'blocks alone are enough', message: { blocks: [section(1)] }, want: null },
    { name: 'a list is no message', message: [], want: 'invalid_payload' },
    { name: 'a number is no text', message: { text: 1 }, want: 'invalid_payload' },
    { name: 'nothing to show', message: {}, want: 'missing_text_or_fallback_or_attachments' },
    { name: 'an empty text', message: { text: '' }, want: 'no_text' },
    { name: 'blocks that are no list', message: { blocks: {} }, want: 'invalid_blocks_format' },
    { name: '50 blocks pass', message: blocks(...Array(50).fill({ type: 'divider' })), want: null },
    { name: '51 do not', message: blocks(...Array(51).fill({ type: 'divider' })), want: 'invalid_blocks' },
    { name: 'a header of 150 passes', message: blocks(header(150)), want: null },
    { name: 'a header of 151 does not', message: blocks(header(151)), want: 'invalid_blocks' },
    {
      name: 'a header has no markup',
      message: blocks({ type: 'header', text: mrkdwn(1) }),
      want: 'invalid_blocks',
    },
    { name: 'a section of 3,000 passes', message: blocks(section(3_000)), want: null },
    { name: 'a section of 3,001 does not', message: blocks(section(3_001)), want: 'invalid_blocks' },
    { name: 'an empty section does not', message: blocks(section(0)), want: 'invalid_blocks' },
    { name: 'ten fields pass', message: blocks(fields(10)), want: null },
    { name: 'eleven do not', message: blocks(fields(11)), want: 'invalid_blocks' },
    { name: 'no field does not', message: blocks(fields(0)), want: 'invalid_blocks' },
    { name: 'a field of 2,001 does not', message: blocks(fields(1, 2_001)), want: 'invalid_blocks' },
    {
      name: 'a section without anything does not',
      message: blocks({ type: 'section' }),
      want: 'invalid_blocks',
    },
    { name: 'an unknown key', message: blocks({ ...section(1), disabled: true }), want: 'invalid_blocks' },
    { name: 'an unknown block', message: blocks({ type: 'sektion' }), want: 'invalid_blocks' },
    {
      name: 'one block_id twice',
      message: blocks(...Array(2).fill({ type: 'divider', block_id: 'a' })),
      want: 'invalid_blocks',
    },
    {
      name: 'eleven elements of context',
      message: blocks({ type: 'context', elements: Array(11).fill(mrkdwn(1)) }),
      want: 'invalid_blocks',
    },
    {
      name: 'an image without its text',
      message: blocks({ type: 'image', image_url: 'https://x' }),
      want: 'invalid_blocks',
    },
    {
      name: 'a button of 76 characters',
      message: blocks({ type: 'actions', elements: [{ type: 'button', text: plain(76) }] }),
      want: 'invalid_blocks',
    },
    {
      name: 'too much text in all',
      message: blocks(...Array(4).fill(section(2_900))),
      want: 'msg_blocks_too_long',
    },
    {
      name: 'too much JSON in all',
      message: blocks(
        ...Array(3).fill({ type: 'section', text: { type: 'mrkdwn', text: '"'.repeat(2_900) } }),
      ),
      want: 'msg_blocks_too_long',
    },
  ])('$name', ({ message, want }) => {
    expect(slackFault(message)).toBe(want);
  });

  test('over HTTP: JSON and forms, exact words, nothing kept of what was refused', async () => {
    const stub = await started(startSlackStub());
    expect(await post(stub.webhookUrl, { text: 'a' })).toEqual({ status: 200, body: 'ok' });
    const form = `payload=${encodeURIComponent('{"text":"b"}')}`;
    expect(await post(stub.webhookUrl, form, 'application/x-www-form-urlencoded')).toEqual({
      status: 200,
      body: 'ok',
    });
    expect(await post(stub.webhookUrl, '{"text":')).toEqual({ status: 400, body: 'invalid_payload' });
    expect(await post(stub.webhookUrl, { text: 'c', channel: '#x' })).toEqual({
      status: 404,
      body: 'channel_not_found',
    });
    expect(await post(`${stub.webhookUrl}x`, { text: 'd' })).toEqual({ status: 404, body: 'no_service' });
    await stub.waitFor(2);
    expect(stub.messages.map(({ body }) => body)).toEqual([{ text: 'a' }, { text: 'b' }]);
  });

  test('a webhook that sends too much is disabled for good', async () => {
    const stub = await started(startSlackStub({ disableAbove: 1 }));
    for (const want of [200, 200, 404, 404])
      expect((await post(stub.webhookUrl, { text: 'a' })).status).toBe(want);
  });

  test('faults come in order, as often as asked, and an empty list heals', async () => {
    const stub = await started(startSlackStub());
    stub.fail([
      { kind: 'rate-limit', retryAfter: 1, times: 2 },
      { kind: 'revoked' },
      { kind: 'archived', times: 99 },
    ]);
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1)
      statuses.push((await post(stub.webhookUrl, { text: 'a' })).status);
    stub.fail([]);
    expect(statuses).toEqual([429, 429, 404, 410, 410]);
    expect(await post(stub.webhookUrl, { text: 'a' })).toMatchObject({ status: 200 });
  });
});
