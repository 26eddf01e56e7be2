import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import type { Notification } from '../../../functions/core/notification.ts';
import { type PagerDutyStub, startPagerDutyStub } from '../../stubs/channels.ts';
import { note, opened, requestOver, resolved, updated } from './samples.ts';
import { pagerDutyNotifier } from './senders.ts';

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

test('an incident pages once, takes its update and ends', async () => {
  expect(await send(opened)).toEqual(delivered);
  expect(await send(updated)).toEqual(delivered);
  expect(stub.open).toEqual(new Map([[opened.incident, 'open']]));
  expect(await send(resolved)).toEqual(delivered);
  expect(stub.open).toEqual(new Map([[opened.incident, 'resolved']]));
  expect(stub.events.map((event) => event.event_action)).toEqual(['trigger', 'trigger', 'resolve']);
  expect(stub.pages).toEqual([opened.incident]);
  expect(stub.dropped).toEqual([]);
});

test('a lost answer repeated pages nobody twice', async () => {
  stub.fail({ kind: 'cut' });
  expect(await send(opened)).toMatchObject({ kind: 'later' });
  expect(await send(opened)).toEqual(delivered);
  expect(stub.events).toHaveLength(2);
  expect(stub.pages).toEqual([opened.incident]);
});

test('an update of an acknowledged alert leaves it acknowledged', async () => {
  await send(opened);
  stub.press(opened.incident, 'acked');
  await send(updated);
  expect(stub.open.get(opened.incident)).toBe('acked');
  expect(stub.pages).toHaveLength(1);
});

test('after a person has resolved it, an update opens it again and a resolve is dropped: 202 hides both', async () => {
  await send(opened);
  stub.press(opened.incident, 'resolved');
  expect(await send(resolved)).toEqual(delivered);
  expect(stub.dropped).toHaveLength(1);
  expect(await send(updated)).toEqual(delivered);
  expect(stub.pages).toHaveLength(2);
});

test('a resolve under another routing key ends nothing', async () => {
  await send(opened);
  await send(resolved, OTHER_KEY);
  expect(stub.open.get(opened.incident)).toBe('open');
  expect(stub.dropped).toHaveLength(1);
});

describe('notes', () => {
  test('become change events and page nobody', async () => {
    expect(await send(note)).toEqual(delivered);
    expect(stub.changes).toHaveLength(1);
    expect(stub.pages).toEqual([]);
  });

  test('have no place under a ruleset key, and keep nothing behind them waiting', async () => {
    expect(await send(note, RULESET_KEY)).toEqual(delivered);
    expect(stub.requests).toEqual([]);
    expect(await send(opened, RULESET_KEY)).toEqual(delivered);
  });
});
