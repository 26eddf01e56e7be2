import { describe, expect, test } from '@jest/globals';
import { startPagerDutyStub } from '../../stubs/channels.ts';
import { changeFaults, eventFaults } from '../../stubs/pagerduty-rules.ts';
import { post, started } from './stub-client.ts';

describe('the PagerDuty stub refuses what PagerDuty refuses', () => {
  const KEY = '0123456789abcdef0123456789abcdef';
  const payload = { summary: 's', source: 'x', severity: 'critical' };
  const trigger = { routing_key: KEY, event_action: 'trigger', dedup_key: 'd', payload };
  test.each([
    { name: 'a whole trigger passes', event: trigger, want: [] },
    { name: 'a trigger without a key passes, too', event: { ...trigger, dedup_key: undefined }, want: [] },
    {
      name: 'a resolve needs no payload',
      event: { ...trigger, event_action: 'resolve', payload: undefined },
      want: [],
    },
    {
      name: 'a resolve needs its key',
      event: { ...trigger, event_action: 'resolve', dedup_key: '' },
      want: [/dedup_key/],
    },
    { name: 'a key above 255', event: { ...trigger, dedup_key: 'd'.repeat(256) }, want: [/dedup_key/] },
    {
      name: 'a routing key of 31',
      event: { ...trigger, routing_key: KEY.slice(1) },
      want: [/should be 32 characters/],
    },
    {
      name: 'a routing key with a dash',
      event: { ...trigger, routing_key: `-${KEY.slice(1)}` },
      want: [/non-alphanumeric/],
    },
    {
      name: 'an unknown routing key',
      event: { ...trigger, routing_key: 'f'.repeat(32) },
      want: [/Invalid routing key/],
    },
    { name: 'an unknown action', event: { ...trigger, event_action: 'open' }, want: [/event_action/] },
    {
      name: 'a summary of 1,025',
      event: { ...trigger, payload: { ...payload, summary: 's'.repeat(1_025) } },
      want: [/maiximum is 1024/],
    },
    {
      name: 'every fault at once',
      event: { ...trigger, payload: {} },
      want: [/summary/, /source/, /severity/],
    },
    {
      name: 'a severity in capitals',
      event: { ...trigger, payload: { ...payload, severity: 'CRITICAL' } },
      want: [/severity/],
    },
    {
      name: 'a timestamp that is none',
      event: { ...trigger, payload: { ...payload, timestamp: 'now' } },
      want: [/timestamp/],
    },
    { name: 'a link to nowhere', event: { ...trigger, links: [{ text: 'x' }] }, want: [/links/] },
  ])('$name', ({ event, want }) => {
    expect(eventFaults(event, [KEY])).toEqual(want.map((fault) => expect.stringMatching(fault)));
  });

  test('a change needs a summary and the key of a service', () => {
    const ruleset = `R${KEY.slice(1)}`;
    expect(changeFaults({ routing_key: KEY, payload: { summary: 's' } }, [KEY])).toEqual([]);
    expect(changeFaults({ routing_key: ruleset, payload: { summary: 's' } }, [ruleset])).toHaveLength(1);
    expect(changeFaults({ routing_key: KEY, payload: {} }, [KEY])).toHaveLength(1);
  });

  test('over HTTP: no JSON, too large, too often, unknown path', async () => {
    const stub = await started(startPagerDutyStub({ callsPerMinute: 2 }));
    const url = `${stub.endpoint}/v2/enqueue`;
    expect(await post(url, '{')).toEqual({ status: 400, body: expect.stringContaining('JSON parse error') });
    expect(await post(url, `"${'x'.repeat(512 * 1024)}"`)).toMatchObject({ status: 413 });
    expect(await post(`${stub.endpoint}/v1`, trigger)).toMatchObject({ status: 404 });
    for (const want of [202, 202, 429]) expect(await post(url, trigger)).toMatchObject({ status: want });
    await stub.waitFor(2);
    expect(stub.pages).toEqual(['d']);
  });

  test('a trigger without a key is a new alert every time', async () => {
    const stub = await started(startPagerDutyStub());
    for (let count = 0; count < 2; count += 1)
      await post(`${stub.endpoint}/v2/enqueue`, { ...trigger, dedup_key: undefined });
    expect(new Set(stub.pages).size).toBe(2);
  });
});
