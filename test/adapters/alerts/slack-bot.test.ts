import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Notification } from '../../../functions/core/notification.ts';
import type { Delivery } from '../../../functions/ports.ts';
import { type SlackBotStub, startSlackBotStub } from '../../stubs/slack-bot.ts';
import { expectGolden, pretty } from './golden.ts';
import { type Rig, rigOf } from './rig.ts';
import { detailOf, escalated, opened, resolved, updated } from './samples.ts';

let stub: SlackBotStub;
let rig: Rig;
let memo: string | null;
beforeEach(async () => {
  stub = await startSlackBotStub();
  rig = rigOf('slack', stub);
  memo = null;
});
afterEach(async () => {
  await rig.close();
  await stub.close();
});

/** As the outbox does: what was to be kept comes back with the next message. */
async function send(notification: Notification): Promise<Delivery> {
  const delivery = await rig.notifier.send(notification, memo);
  memo = delivery.memo ?? memo;
  return delivery;
}
const roots = () => stub.messages.filter(({ thread }) => thread === null);
const replies = () => stub.messages.filter(({ thread }) => thread !== null);
const colorOf = (index: number) =>
  (roots()[index]?.body.attachments as { color: string }[] | undefined)?.[0]?.color;

test('one message per incident is edited through its states, and what changed is told in its thread', async () => {
  for (const one of [opened, updated, escalated, resolved])
    expect(await send(one)).toMatchObject({ kind: 'delivered' });
  expect(roots()).toHaveLength(1);
  expect(roots()[0]).toMatchObject({ edits: 3, body: { text: expect.stringContaining('recovered after') } });
  expect(colorOf(0)).toBe('good');
  expect(replies().map(({ body }) => body.reply_broadcast ?? false)).toEqual([false, true, false]);
});

test.each([
  { sample: opened, color: 'danger' },
  { sample: { ...opened, severity: 'warning' as const }, color: 'warning' },
  { sample: { ...opened, severity: 'info' as const }, color: '#439fe0' },
])('the bar has the colour of the severity: $color', async ({ sample, color }) => {
  await send(sample);
  expect(colorOf(0)).toBe(color);
});

test('what is added later and is less grave does not make the incident less grave', async () => {
  await send(opened);
  await send({ ...updated, severity: 'warning' });
  expect(colorOf(0)).toBe('danger');
});

test('the message is as in its golden file', async () => {
  await send(opened);
  expectGolden('slack-bot-opened.json', pretty(roots()[0]?.body));
});

describe('when the outcome is unknown', () => {
  test('the first message is looked for before it is sent again', async () => {
    stub.hideOutcome();
    expect(await send(opened)).toMatchObject({
      kind: 'later',
      detail: expect.stringContaining('internal_error'),
    });
    expect(await send(opened)).toMatchObject({ kind: 'delivered' });
    await send(resolved);
    expect(roots()).toHaveLength(1);
    expect(replies()).toHaveLength(1);
  });

  test('a lost answer in the thread doubles nothing either', async () => {
    await send(opened);
    stub.fail([
      { kind: 'slow', ms: 0 },
      { kind: 'cut', taken: true },
    ]);
    expect(await send(updated)).toMatchObject({ kind: 'later' });
    expect(await send(updated)).toMatchObject({ kind: 'delivered' });
    expect(replies()).toHaveLength(1);
  });

  test('while Slack cannot be asked, nothing is sent', async () => {
    stub.hideOutcome();
    await send(opened);
    stub.fail({ kind: 'server-error' });
    expect(await send(opened)).toMatchObject({ kind: 'later' });
    expect(roots()).toHaveLength(1);
    await send(opened);
    expect(roots()).toHaveLength(1);
  });

  test('an app that may not read the channel sends again: twice is better than never', async () => {
    stub.hideOutcome();
    await send(opened);
    stub.forbidReading();
    expect(await send(opened)).toMatchObject({ kind: 'delivered' });
    expect(roots()).toHaveLength(2);
  });

  test('it is found among many', async () => {
    stub.hideOutcome();
    await send(opened);
    for (let at = 0; at < 60; at += 1)
      await rig.notifier.send({ ...opened, id: `o${at}`, incident: `other-${at}`, text: 'x'.repeat(2_500) });
    await send(opened);
    expect(roots()).toHaveLength(61);
  });
});

test('a message that somebody deleted is taken up by a new one, which is then the one that is edited', async () => {
  await send(opened);
  stub.remove(roots()[0]?.ts ?? '');
  expect(await send(updated)).toMatchObject({ kind: 'delivered' });
  await send(resolved);
  expect(roots()).toHaveLength(1);
  expect(roots()[0]?.edits).toBe(1);
});

test.each([
  { error: 'token_revoked', says: /put a valid bot token into the secret/, kind: 'refused' },
  { error: 'is_archived', says: /unarchive the channel/, kind: 'refused' },
  { error: 'not_in_channel', says: /invite the app/, kind: 'refused' },
  { error: 'missing_scope', says: /chat:write/, kind: 'refused' },
  { error: 'ratelimited', says: /slow down/, kind: 'later' },
  { error: 'fatal_error', says: /not known/, kind: 'later' },
  { error: 'something_new', says: /tried again/, kind: 'later' },
])('$error: $kind', async ({ error, says, kind }) => {
  stub.fail({ kind: 'answer', status: 200, body: JSON.stringify({ ok: false, error }), times: 9 });
  const delivery = await send(opened);
  expect(delivery.kind).toBe(kind);
  expect(detailOf(delivery)).toMatch(says);
});

test('a layout that Slack does not take is sent as plain text', async () => {
  stub.fail({ kind: 'answer', status: 200, body: JSON.stringify({ ok: false, error: 'invalid_blocks' }) });
  expect(await send(opened)).toMatchObject({ kind: 'delivered' });
  expect(roots()[0]?.body.attachments).toBeUndefined();
});

test('a note is a message of its own', async () => {
  await send(opened);
  await rig.notifier.send({ ...opened, kind: 'note', id: 'n', incident: 'other' }, null);
  expect(roots()).toHaveLength(2);
});
