import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { openSqliteState } from '../../functions/adapters/local/sqlite-state.ts';
import { actionOf, type Button, valueOfButton } from '../../functions/core/chat-button.ts';
import type { TargetState } from '../../functions/core/state.ts';
import { HOUR_MS, isoOf, MINUTE_MS, SECOND_MS } from '../../functions/core/time.ts';
import type { StateStore } from '../../functions/ports.ts';
import { readSettings } from '../../functions/wiring/settings.ts';
import { openSlackDoor } from '../../functions/wiring/slack.ts';
import type { SimPod } from '../fakes/airflow.ts';
import { wedgedWorld } from '../fakes/stories.ts';
import type { World } from '../fakes/world.ts';

const SECRET = 'stub-signing-secret';
const ANN = 'U0ANN00001';
const folder = mkdtempSync(join(tmpdir(), 'watchdog-slack-'));
const file = join(folder, 'state.db');
const ENV = {
  WATCHDOG_TARGETS: folder,
  WATCHDOG_STATE: `sqlite:${file}`,
  WATCHDOG_SLACK_USERS: `${ANN}, U0BOB00001`,
  WATCHDOG_SLACK_SIGNING_SECRET: 'env:THE_SECRET',
  THE_SECRET: SECRET,
  WATCHDOG_ALLOW_LOOPBACK: '1',
};
Object.assign(process.env, ENV);
const { handler } = await import('../../functions/slack.ts');

const said: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    said.push(JSON.parse(body).text);
    response.end('ok');
  });
});
let world: World;
let pod: SimPod;
let state: StateStore;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  jest.spyOn(console, 'log').mockImplementation(() => {});
  // One clock for the small world and for the handler.
  jest.spyOn(Date, 'now').mockImplementation(() => world.clock.now());
});
afterAll(async () => {
  await state.close();
  server.close();
  rmSync(folder, { recursive: true });
});

/** A target whose pod waits for a person, in the state that the handler has. */
beforeEach(async () => {
  ({ world, pod } = await wedgedWorld({ policy: { mode: 'ask' } }));
  await world.tick();
  state ??= await openSqliteState(file, { clock: world.clock });
  said.length = 0;
  for (const [key, body] of [
    ['a', await world.stateOf()],
    ['#pressed', { schema: 2, presses: [] }],
  ] as const)
    await state.save(key, body, (await state.load(key))?.version ?? 0);
});

const stateNow = async () => (await state.load('a'))?.body as TargetState;
const approveIt = (): Button => ({ kind: 'approve', target: 'a', uid: pod.uid });

interface Given {
  readonly button?: Button;
  readonly user?: string;
  readonly secret?: string;
  readonly signedAt?: number;
  readonly change?: (body: string) => string;
  readonly base64?: boolean;
}

function eventOf({ button = approveIt(), user = ANN, secret = SECRET, ...given }: Given = {}) {
  const action = { type: 'button', action_id: actionOf(button), value: valueOfButton(button) };
  const payload = {
    type: 'block_actions',
    user: { id: user, username: 'ann' },
    actions: [action],
    response_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/actions/T0/1/x`,
  };
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = `${Math.floor((given.signedAt ?? Date.now()) / SECOND_MS)}`;
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  const sent = given.change?.(body) ?? body;
  return {
    requestContext: { http: { method: 'POST' } },
    headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature },
    body: given.base64 === true ? Buffer.from(sent).toString('base64') : sent,
    isBase64Encoded: given.base64 ?? false,
  };
}
type Event = Parameters<typeof handler>[0];
const call = (event: object) => handler(event as Event);
const pressed = (given?: Given) => call(eventOf(given));

test.each([{ base64: false }, { base64: true }])(
  'an approval by a button lets the next tick remove exactly that pod, once (base64: $base64)',
  async ({ base64 }) => {
    expect(await pressed({ base64 })).toEqual({ statusCode: 200 });
    const { approval } = await stateNow();
    expect(approval).toMatchObject({ uid: pod.uid, by: `ann (Slack ${ANN})` });
    expect(said).toEqual([expect.stringContaining(`${pod.name} may be removed until`)]);
    await world.store.save('a', await stateNow(), (await world.store.load('a'))?.version ?? 0);
    await world.ticks(5);
    expect(world.removed.map(({ uid }) => uid)).toEqual([pod.uid]);
    expect(await state.history({ target: 'a', limit: 1 })).toMatchObject([
      { kind: 'approval', body: { by: `ann (Slack ${ANN})`, pod: pod.name } },
    ]);
  },
);

test('a pause by a button lasts an hour and is told as one', async () => {
  expect(await pressed({ button: { kind: 'pause', target: 'a' } })).toEqual({ statusCode: 200 });
  const until = Date.now() + HOUR_MS;
  expect((await stateNow()).pause).toEqual({
    by: `ann (Slack ${ANN})`,
    reason: 'by a button in Slack',
    until,
  });
  expect(said).toEqual([
    `a is paused until ${isoOf(until)}: nothing is removed, looking and alerting go on.`,
  ]);
  expect(await state.history({ target: 'a', limit: 1 })).toMatchObject([{ kind: 'pause' }]);
});

test('who acknowledges is named in the living state and the ledger, once, and reminders have an end', async () => {
  const { page = '', id = '' } = (await stateNow()).incident ?? {};
  const button: Button = { kind: 'acknowledge', target: 'a', page };
  expect(await pressed({ button })).toEqual({ statusCode: 200 });
  const by = `ann (Slack ${ANN})`;
  const { acknowledgement } = await stateNow();
  expect(acknowledgement).toEqual({ incident: id, page, by, at: world.clock.now() });
  await pressed({ button, user: 'U0BOB00001' });
  expect((await stateNow()).acknowledgement).toEqual(acknowledgement);
  expect(said).toEqual([
    expect.stringContaining(`taken up by ${by}`),
    expect.stringContaining(`${by} had taken it up`),
  ]);
  expect(await state.history({ target: 'a', limit: 9, kind: 'acknowledgement' })).toMatchObject([
    { body: { by, incident: id } },
  ]);
});

test('a button of a page that is open no more acknowledges nothing', async () => {
  const before = await state.load('a');
  await pressed({ button: { kind: 'acknowledge', target: 'a', page: 'a-2026-11-01T00-00-00Z' } });
  expect(said).toEqual([expect.stringContaining('WD_NOT_OPEN')]);
  expect(await state.load('a')).toEqual(before);
});

test.each<{ readonly name: string; readonly given: () => Given }>([
  { name: 'with another secret', given: () => ({ secret: 'another' }) },
  {
    name: 'whose body was changed on its way',
    given: () => ({ change: (body) => body.replace(ANN, 'U0EVE00001') }),
  },
  { name: 'from six minutes ago', given: () => ({ signedAt: Date.now() - 6 * MINUTE_MS }) },
  { name: 'dated six minutes ahead', given: () => ({ signedAt: Date.now() + 6 * MINUTE_MS }) },
])('a press $name is refused, changes nothing and is told nothing', async ({ given }) => {
  const before = await state.load('a');
  expect(await pressed(given())).toEqual({ statusCode: 401 });
  expect(await state.load('a')).toEqual(before);
  expect(said).toEqual([]);
});

test.each<{ readonly name: string; readonly change: (event: ReturnType<typeof eventOf>) => object }>([
  { name: 'no signature', change: (event) => ({ ...event, headers: {} }) },
  {
    name: 'a signature that is cut',
    change: ({ headers, ...event }) => ({
      ...event,
      headers: { ...headers, 'x-slack-signature': headers['x-slack-signature'].slice(0, -1) },
    }),
  },
  {
    name: 'a timestamp that is none',
    change: ({ headers, ...event }) => ({
      ...event,
      headers: { ...headers, 'x-slack-request-timestamp': 'NaN' },
    }),
  },
  { name: 'no body', change: ({ body: _, ...event }) => event },
  { name: 'a body without end', change: (event) => ({ ...event, body: 'x'.repeat(1_000_000) }) },
  { name: 'another method', change: (event) => ({ ...event, requestContext: { http: { method: 'GET' } } }) },
  { name: 'nothing at all', change: () => ({}) },
])('a request with $name is refused', async ({ change }) => {
  expect(await call(change(eventOf()))).toEqual({ statusCode: 401 });
  expect((await stateNow()).approval).toBeNull();
});

test('one and the same press is taken once, whoever repeats it', async () => {
  const event = eventOf();
  expect(await call(event)).toEqual({ statusCode: 200 });
  const taken = await state.load('a');
  world.clock.advanceTo(world.clock.now() + MINUTE_MS);
  expect(await call(event)).toEqual({ statusCode: 401 });
  expect(await state.load('a')).toEqual(taken);
  // Pressing anew is another press.
  expect(await pressed()).toEqual({ statusCode: 200 });
});

test('who is not among the members learns that, and changes nothing', async () => {
  const before = await state.load('a');
  expect(await pressed({ user: 'U0EVE00001' })).toEqual({ statusCode: 200 });
  expect(await state.load('a')).toEqual(before);
  expect(said).toEqual([expect.stringContaining('You may not do this')]);
});

test.each<{ readonly name: string; readonly button: () => Button; readonly says: string }>([
  {
    name: 'a pod that does not wait',
    button: () => ({ kind: 'approve', target: 'a', uid: 'uid-of-another' }),
    says: 'WD_NOT_WAITING',
  },
  {
    name: 'a target that was never seen',
    button: () => ({ kind: 'pause', target: 'other' }),
    says: 'WD_TARGET_UNKNOWN',
  },
])('a press for $name says why nothing was done', async ({ button, says }) => {
  const before = await state.load('a');
  expect(await pressed({ button: button() })).toEqual({ statusCode: 200 });
  expect(said).toEqual([expect.stringContaining(says)]);
  expect(await state.load('a')).toEqual(before);
  expect(await state.load('other')).toBeNull();
});

test('a longer pause is not shortened by a button', async () => {
  const pause = { by: 'bob', reason: 'upgrade', until: Date.now() + 2 * HOUR_MS };
  await state.save('a', { ...(await stateNow()), pause }, (await state.load('a'))?.version ?? 0);
  await pressed({ button: { kind: 'pause', target: 'a' } });
  expect(said).toEqual([expect.stringContaining('WD_PAUSED')]);
  expect((await stateNow()).pause).toEqual(pause);
});

test.each(['#fleet', '#pressed', 'a b c', '../a', ''])(
  'a button that names "%s" is none of ours',
  async (target) => {
    const before = await Promise.all(['#fleet', '#pressed', 'a'].map((key) => state.load(key)));
    expect(await pressed({ button: { kind: 'pause', target } })).toEqual({ statusCode: 200 });
    expect(await Promise.all(['#fleet', '#pressed', 'a'].map((key) => state.load(key)))).toEqual(before);
  },
);

const doorOf = (change: object) => openSlackDoor(readSettings({}, { ...ENV, ...change }));

test('who may press has to be said; an empty list is nobody', async () => {
  await expect(doorOf({ WATCHDOG_SLACK_USERS: undefined })).rejects.toThrow('WATCHDOG_SLACK_USERS');
  await expect(doorOf({ WATCHDOG_SLACK_USERS: '@ann' })).rejects.toThrow('expected member IDs');
  const door = await doorOf({ WATCHDOG_SLACK_USERS: '' });
  expect(door.users.size).toBe(0);
  await door.state.close();
});

test('without a signing secret nothing is answered at all', async () => {
  for (const blank of [undefined, '', ' '])
    await expect(doorOf({ WATCHDOG_SLACK_SIGNING_SECRET: blank })).rejects.toThrow('SIGNING_SECRET');
});

test('words go to Slack alone: an address elsewhere is not asked', async () => {
  const door = await doorOf({ WATCHDOG_ALLOW_LOOPBACK: undefined });
  await door.say(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, 'words');
  await door.say('not a URL', 'words');
  await door.say(null, 'words');
  expect(said).toEqual([]);
  await door.state.close();
});
