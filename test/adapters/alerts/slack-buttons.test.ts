import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buttonsOf } from '../../../functions/adapters/alerts/slack/buttons.ts';
import { whyNotSigned } from '../../../functions/adapters/alerts/slack/signed-request.ts';
import { readButton } from '../../../functions/core/chat-button.ts';
import { NOTHING, type Notification } from '../../../functions/core/notification.ts';
import { type SlackBotStub, startSlackBotStub } from '../../stubs/slack-bot.ts';
import { type Rig, rigOf } from './rig.ts';
import { opened, resolved, updated } from './samples.ts';

const awaits = { uid: '6f1c0c1e-0000-4000-8000-000000000001', pod: 'airflow-scheduler-5d9c7b8f6d-x2x7q' };
const asked: Notification = { ...opened, awaits };

describe('the buttons below a message', () => {
  test.each([
    { name: 'an open incident can be taken up or paused', of: opened, labels: ['Acknowledge', 'Pause 1 h'] },
    {
      name: 'what somebody has taken up can be paused',
      of: { ...opened, acknowledgedBy: 'ann' },
      labels: ['Pause 1 h'],
    },
    {
      name: 'a removal that waits can be approved as well',
      of: asked,
      labels: ['Approve removal', 'Acknowledge', 'Pause 1 h'],
    },
    { name: 'what is over has none', of: { ...resolved, awaits }, labels: [] },
    { name: 'a rehearsal has none', of: { ...asked, about: NOTHING }, labels: [] },
    { name: 'a note has none', of: { ...asked, kind: 'note' as const }, labels: [] },
  ])('$name', ({ of, labels }) => {
    const elements = (buttonsOf(of)?.elements ?? []) as { text: { text: string } }[];
    expect(elements.map(({ text }) => text.text)).toEqual(labels);
  });

  test('come back as what they ask for, the pod by its uid, after a question', () => {
    const [approve, acknowledge, pause] = (buttonsOf(asked)?.elements ?? []) as {
      action_id: string;
      value: string;
      confirm?: { text: { text: string } };
    }[];
    expect(readButton(approve?.action_id, approve?.value)).toEqual({
      kind: 'approve',
      target: 'prod-airflow',
      uid: awaits.uid,
    });
    expect(readButton(acknowledge?.action_id, acknowledge?.value)).toEqual({
      kind: 'acknowledge',
      target: 'prod-airflow',
      page: opened.page,
    });
    expect(readButton(pause?.action_id, pause?.value)).toEqual({ kind: 'pause', target: 'prod-airflow' });
    expect(approve?.confirm?.text.text).toContain(awaits.pod);
  });

  test.each([
    ['approve', 'prod'],
    ['watchdog_approve', 'prod'],
    ['watchdog_approve', 'prod uid more'],
    ['watchdog_pause', 'prod uid'],
    ['watchdog_acknowledge', 'prod'],
    ['watchdog_acknowledge', 'prod #fleet'],
    ['watchdog_pause', '#fleet'],
    ['watchdog_pause', null],
    [undefined, 'prod'],
  ])('%j with %j is none of them', (action, value) => {
    expect(readButton(action, value)).toBeNull();
  });
});

describe('the bot', () => {
  let stub: SlackBotStub;
  let rig: Rig;
  beforeEach(async () => {
    stub = await startSlackBotStub();
  });
  afterEach(async () => {
    await rig.close();
    await stub.close();
  });
  const hasButtons = (body: unknown) => JSON.stringify(body).includes('watchdog_');

  test.each([true, false])('shows them where the deployment answers to them: %s', async (buttons) => {
    rig = rigOf('slack', stub, { buttons });
    let memo: string | null = null;
    const shown: boolean[] = [];
    for (const one of [asked, { ...updated, awaits }, resolved]) {
      const delivery = await rig.notifier.send(one, memo);
      expect(delivery.kind).toBe('delivered');
      memo = delivery.memo ?? memo;
      shown.push(hasButtons(stub.messages.find(({ thread }) => thread === null)?.body));
    }
    expect(shown).toEqual([buttons, buttons, false]);
    // A reply is not edited, so its buttons would stay.
    expect(stub.messages.filter(({ thread }) => thread !== null).some(({ body }) => hasButtons(body))).toBe(
      false,
    );
  });
});

test("Slack's own example of a signature is taken, and not a second after its time", () => {
  const request = {
    timestamp: '1531420618',
    signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    body: Buffer.from(
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    ),
  };
  const secret = '8f742231b10e8888abcd99yyyzzz85a5';
  const at = 1_531_420_618_000;
  expect(whyNotSigned(request, secret, at + 300_000)).toBeNull();
  expect(whyNotSigned(request, secret, at + 301_000)).toMatch(/too long ago/);
  expect(whyNotSigned(request, secret, at - 301_000)).toMatch(/dated ahead/);
  expect(whyNotSigned(request, `${secret}x`, at)).toBe('its signature is wrong');
});
