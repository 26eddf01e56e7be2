import { beforeEach, expect, test } from '@jest/globals';
import { withSignedReports } from '../../../functions/adapters/alerts/signed-reports.ts';
import { LINK_GOOD_FOR_MS, signedUntil } from '../../../functions/adapters/http/signed-link.ts';
import type { Notification } from '../../../functions/core/notification.ts';
import type { Notifier } from '../../../functions/ports.ts';
import { opened } from './samples.ts';

const URL_OF_REPORTS = 'https://abc.lambda-url.eu-west-1.on.aws/';
const KEY = '0123456789abcdef0123456789abcdef';
const NAME = 'prod-airflow-2026-11-23T03-13-00Z.html';
let sent: Notification[];
let said: string[];
beforeEach(() => {
  sent = [];
  said = [];
});

const plain: Notifier = {
  async send(notification) {
    sent.push(notification);
    return { kind: 'delivered' };
  },
};
const signing = (key: () => Promise<string>) =>
  withSignedReports(plain, { url: URL_OF_REPORTS, key, unsigned: (why) => said.push(why) });
const runbook = { name: 'Runbook', url: 'https://wiki.example.com/a?b=c' };
const linked: Notification = {
  ...opened,
  links: [{ name: 'Report', url: `${URL_OF_REPORTS}${NAME}` }, runbook],
};

test('the link to a report opens it for 30 days from the message; other links stay as they are', async () => {
  await signing(async () => KEY).send(linked);
  const [report, other] = sent[0]?.links ?? [];
  const url = new URL(report?.url ?? '');
  const claims = {
    name: NAME,
    until: url.searchParams.get('until') ?? '',
    signature: url.searchParams.get('signature') ?? '',
  };
  expect(signedUntil(claims, KEY)).toBe(Math.floor((linked.at + LINK_GOOD_FOR_MS) / 1_000) * 1_000);
  expect(LINK_GOOD_FOR_MS).toBe(30 * 86_400_000);
  expect(url.origin + url.pathname).toBe(`${URL_OF_REPORTS}${NAME}`);
  expect(other).toEqual(runbook);
  expect({ ...sent[0], links: [] }).toEqual({ ...linked, links: [] });
});

test('every try of a message has the same link, and a later message a fresh one', async () => {
  const notifier = signing(async () => KEY);
  for (const at of [linked.at, linked.at, linked.at + 3_600_000]) await notifier.send({ ...linked, at });
  const [first, again, later] = sent.map(({ links }) => links[0]?.url);
  expect(again).toBe(first);
  expect(later).not.toBe(first);
});

test('an alert whose link cannot be signed is sent all the same, and why is said', async () => {
  const notifier = signing(async () => {
    throw new Error('The secret ssm:/a does not exist');
  });
  expect(await notifier.send(linked)).toEqual({ kind: 'delivered' });
  expect(sent).toEqual([linked]);
  expect(said).toEqual(['The secret ssm:/a does not exist']);
});

test.each(['100%', 'a%zz.html', '../x.html', 'wiki', 'a.html?b=c', ''])(
  'an address of somebody else below the same host, %j, stays as it is',
  async (path) => {
    const other = { name: 'Runbook', url: `${URL_OF_REPORTS}${path}` };
    await signing(async () => KEY).send({ ...linked, links: [other] });
    expect(sent[0]?.links).toEqual([other]);
  },
);

test('a message without such a link asks for no key', async () => {
  await signing(async () => {
    throw new Error('asked');
  }).send({ ...linked, links: [runbook] });
  expect([sent.length, said]).toEqual([1, []]);
});
