import { afterEach, describe, expect, test } from '@jest/globals';
import type { ChannelKind } from '../../../functions/config/channels/kinds.ts';
import type { Notifier } from '../../../functions/ports.ts';
import { alertFault, startAlertmanagerStub } from '../../stubs/alertmanager.ts';
import type { ChannelStub } from '../../stubs/channel-stub.ts';
import { startEmailStub } from '../../stubs/email.ts';
import { startEventBridgeStub } from '../../stubs/eventbridge.ts';
import { startPagerDutyStub } from '../../stubs/pagerduty.ts';
import { publicationFault, startSnsStub } from '../../stubs/sns.ts';
import { cardFault, startTeamsStub } from '../../stubs/teams.ts';
import { startWebhookStub } from '../../stubs/webhook.ts';
import { expectGolden, pretty } from './golden.ts';
import { rigOf } from './rig.ts';
import {
  cannedRequest,
  detailOf,
  escalated,
  opened,
  removed,
  requestOver,
  resolved,
  updated,
} from './samples.ts';
import { pagerDutyNotifier } from './senders.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function started<S extends ChannelStub>(type: ChannelKind, starting: Promise<S>, now?: () => number) {
  const stub = await starting;
  const rig = rigOf(type, stub, now === undefined ? {} : { now });
  open.push(rig, stub);
  return { stub, notifier: rig.notifier };
}

const MINUTE = 60_000;

describe('Alertmanager', () => {
  test('an alert fires while it is repeated, ends by itself when it is not, and at once when it is resolved', async () => {
    let now = opened.at;
    const { stub, notifier } = await started('alertmanager', startAlertmanagerStub(), () => now);
    const { memo = null } = await notifier.send(opened);
    now += 3 * MINUTE;
    await notifier.send(
      { ...updated, occasion: 'refresh', fields: [{ name: 'Cause', value: 'another' }] },
      memo,
    );
    expect(stub.firing(now + 11 * MINUTE)).toHaveLength(1);
    expect(stub.firing(now + 13 * MINUTE)).toEqual([]);
    await notifier.send(resolved, memo);
    expect(stub.firing(now + 1)).toEqual([]);
  });

  test('what grows graver takes the place of the lesser one, which ends', async () => {
    const { stub, notifier } = await started('alertmanager', startAlertmanagerStub(), () => opened.at);
    const { memo = null } = await notifier.send({ ...opened, severity: 'warning' });
    await notifier.send(escalated, memo);
    expect(stub.firing(opened.at + MINUTE)).toEqual([
      expect.objectContaining({ severity: 'critical', page: escalated.page }),
    ]);
  });

  test('a login page is no yes', async () => {
    const { stub, notifier } = await started('alertmanager', startAlertmanagerStub());
    stub.fail({ kind: 'answer', status: 200, body: '<html>Sign in</html>' });
    expect(detailOf(await notifier.send(opened))).toMatch(/proxy may be in the way/);
  });
});

describe('the webhook', () => {
  test('every try has the same id, so that a receiver can tell a double', async () => {
    const { stub, notifier } = await started('webhook', startWebhookStub());
    stub.fail({ kind: 'cut', taken: true });
    await notifier.send(opened);
    await notifier.send(opened);
    expect(stub.ids).toHaveLength(2);
    expect(new Set(stub.ids).size).toBe(1);
    expect(stub.accepted).toHaveLength(1);
    expectGolden('webhook-opened.json', pretty(JSON.parse(stub.accepted[0] ?? '')));
  });

  test.each([
    { body: '<html>\n<body>Sign in</body></html>', kind: 'later' },
    { body: '  <!doctype  HTML><title>Sign in</title>', kind: 'later' },
    { body: '', kind: 'delivered' },
    { body: 'ok', kind: 'delivered' },
    { body: '<ok/>', kind: 'delivered' },
    { body: '{"page":"<html>"}', kind: 'delivered' },
  ])('a web page is no yes, any other answer of 200 is: $body', async ({ body, kind }) => {
    const { stub, notifier } = await started('webhook', startWebhookStub());
    stub.fail({ kind: 'answer', status: 200, body });
    expect(await notifier.send(opened)).toMatchObject({ kind });
  });

  test('a receiver that is gone for good is said to be', async () => {
    const { stub, notifier } = await started('webhook', startWebhookStub());
    stub.fail({ kind: 'archived', times: 9 });
    expect(await notifier.send(opened)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('410'),
    });
  });
});

describe('e-mail', () => {
  const headersOf = (mail: string) => mail.split('\r\n\r\n')[0] ?? '';

  test('an incident is one thread, and a repeated mail has the same Message-ID', async () => {
    const { stub, notifier } = await started('email', startEmailStub());
    for (const one of [opened, opened, updated, resolved])
      expect(await notifier.send(one)).toEqual({ kind: 'delivered' });
    const ids = stub.mails.map((mail) => /^Message-ID: (\S+)/im.exec(mail)?.[1]);
    expect(ids[0]).toBe(ids[1]);
    for (const mail of stub.mails.slice(2)) expect(headersOf(mail)).toContain(`In-Reply-To: ${ids[0]}`);
    expect(headersOf(stub.mails[0] ?? '')).toMatch(/^Auto-Submitted: auto-generated/im);
  });

  test('a headline cannot forge a header', async () => {
    const { stub, notifier } = await started('email', startEmailStub());
    await notifier.send({ ...opened, title: 'sick\r\nBcc: thief@example.com\r\n\r\nbody' });
    expect(headersOf(stub.mails[0] ?? '')).not.toMatch(/^Bcc:/im);
  });

  test('a wrong password is a refusal that names the secret, never the password', async () => {
    const { stub, notifier } = await started('email', startEmailStub());
    stub.fail({ kind: 'revoked', times: 9 });
    const delivery = await notifier.send(opened);
    expect(delivery).toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(/does not take user and password/),
    });
  });
});

describe('AWS', () => {
  test('a FIFO topic gets the keys by which it drops a double', async () => {
    const { stub, notifier } = await started(
      'sns',
      startSnsStub('arn:aws:sns:eu-west-1:123456789012:oncall.fifo'),
    );
    await notifier.send(opened);
    await notifier.send(opened);
    expect(stub.accepted).toHaveLength(1);
    expectGolden('sns-opened.json', pretty(JSON.parse(stub.accepted[0] ?? '')));
  });

  test.each([
    { code: 'ThrottlingException', kind: 'later' },
    { code: 'InternalFailure', kind: 'later' },
    { code: 'NotAuthorizedForDetailTypeException', kind: 'refused' },
    { code: 'MalformedDetail', kind: 'refused' },
  ])(
    'an entry that EventBridge refuses in an answer of 200 is not taken for a yes: $code',
    async ({ code, kind }) => {
      const { stub, notifier } = await started('eventbridge', startEventBridgeStub());
      stub.refuse(code);
      expect(await notifier.send(opened)).toMatchObject({ kind, detail: expect.stringContaining(code) });
      expect(await notifier.send(opened)).toEqual({ kind: 'delivered' });
    },
  );

  test('a role without the right is told which right', async () => {
    const { stub, notifier } = await started('sns', startSnsStub());
    stub.fail({ kind: 'revoked' });
    expect(detailOf(await notifier.send(opened))).toMatch(
      /allow the watchdog's role sns:Publish on arn:aws:sns/,
    );
  });
});

test('Teams gets a card with the colour of the severity', async () => {
  const { stub, notifier } = await started('teams', startTeamsStub());
  await notifier.send({ ...opened, links: [{ name: 'Report', url: 'https://reports.example.com/x' }] });
  expectGolden('teams-opened.json', pretty(JSON.parse(stub.accepted[0] ?? '')));
});

describe('PagerDuty', () => {
  async function pager() {
    const stub = await startPagerDutyStub();
    const { Agent } = await import('undici');
    const agent = new Agent();
    open.push(stub, agent);
    const { routingKey, endpoint } = stub;
    return {
      stub,
      notifier: pagerDutyNotifier({ routingKey, endpoint, request: requestOver(agent) }) as Notifier,
    };
  }

  test('a removal is a change event, too', async () => {
    const { stub, notifier } = await pager();
    await notifier.send(opened);
    await notifier.send(removed);
    expect(stub.changes).toEqual([
      expect.objectContaining({ payload: expect.objectContaining({ summary: removed.title }) }),
    ]);
    expect(stub.pages).toHaveLength(1);
  });

  test('a person’s answer acknowledges the page', async () => {
    const { stub, notifier } = await pager();
    await notifier.send(opened);
    await notifier.send({ ...updated, occasion: 'answered' });
    expect(stub.open.get(opened.page)).toBe('acked');
  });

  test('accounts in the EU have their own host', async () => {
    const { createSender } = await import('../../../functions/adapters/alerts/pagerduty/sender.ts');
    const { meansOver } = await import('./senders.ts');
    const urls: string[] = [];
    const { request } = cannedRequest(202, '{"status":"success"}');
    const watched: typeof request = (wanted) => {
      urls.push(wanted.url);
      return request(wanted);
    };
    const settings = { type: 'pagerduty', routingKey: 'f'.repeat(32), region: 'eu' } as const;
    await createSender(settings, meansOver(watched)).send(opened, null);
    expect(urls).toEqual(['https://events.eu.pagerduty.com/v2/enqueue']);
  });
});

describe('the stubs refuse what the services refuse', () => {
  const card = (content: object) => ({
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  });
  test.each([
    { name: 'no card', fault: cardFault({ type: 'message', attachments: [] }) },
    {
      name: 'a card of a newer version',
      fault: cardFault(card({ type: 'AdaptiveCard', version: '1.6', body: [{}] })),
    },
    {
      name: 'an empty text block',
      fault: cardFault(
        card({ type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: '' }] }),
      ),
    },
    { name: 'a subject of two lines', fault: publicationFault({ Subject: 'a\nb', Message: 'x' }) },
    {
      name: 'a structure without default',
      fault: publicationFault({ Message: '{}', MessageStructure: 'json' }),
    },
    { name: 'a FIFO topic without a group', fault: publicationFault({ Message: 'x', TopicArn: 't.fifo' }) },
    { name: 'an alert without labels', fault: alertFault({ labels: {}, annotations: {} }) },
    { name: 'a label of another form', fault: alertFault({ labels: { 'a-b': 'x' }, annotations: {} }) },
    {
      name: 'an end before the beginning',
      fault: alertFault({
        labels: { a: 'b' },
        annotations: {},
        startsAt: '2026-01-02T00:00:00Z',
        endsAt: '2026-01-01T00:00:00Z',
      }),
    },
  ])('$name', ({ fault }) => expect(fault).not.toBeNull());
});
