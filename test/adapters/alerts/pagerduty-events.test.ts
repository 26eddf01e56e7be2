import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dedupKeyOf, pagerDutyEvents } from '../../../functions/adapters/alerts/pagerduty/events.ts';
import { changeFaults, eventFaults } from '../../stubs/pagerduty-rules.ts';
import { expectGolden, pretty } from './golden.ts';
import { anyNotification, opened, samples, updated } from './samples.ts';

const KEY = '0123456789abcdef0123456789abcdef';

/** The first of what a notification comes to. */
function pagerDutyEvent(...given: Parameters<typeof pagerDutyEvents>) {
  const [first] = pagerDutyEvents(...given);
  if (first === undefined) throw new Error('there is no event');
  return first;
}

test.each(Object.entries(samples))('a notification of kind "%s" is as in its golden file', (kind, sample) => {
  expectGolden(`pagerduty-${kind}.json`, pretty(pagerDutyEvent(sample, KEY, 'full')));
});

test.each([
  { name: 'an incident is its own key', incident: 'prod-2026', want: /^prod-2026$/ },
  { name: '255 characters still are', incident: 'x'.repeat(255), want: /^x{255}$/ },
  { name: 'one more becomes a hash', incident: 'x'.repeat(256), want: /^sha256:[0-9a-f]{64}$/ },
  { name: 'what counts is the length in bytes', incident: 'é'.repeat(128), want: /^sha256:/ },
  { name: 'a blank one would be a new alert with every try', incident: ' ', want: /^sha256:/ },
])('dedup key: $name', ({ incident, want }) => {
  expect(dedupKeyOf(incident)).toMatch(want);
  expect(dedupKeyOf(incident)).toBe(dedupKeyOf(incident));
});

test('different long incidents keep different keys', () => {
  expect(dedupKeyOf(`${'x'.repeat(300)}a`)).not.toBe(dedupKeyOf(`${'x'.repeat(300)}b`));
});

test('opened and updated share the key, so that the second is appended', () => {
  const [first, second] = [opened, updated].map((each) => pagerDutyEvent(each, KEY, 'full').body);
  expect(second).toMatchObject({ event_action: 'trigger', dedup_key: first?.dedup_key });
});

test('severities go over one to one', () => {
  const severities = (['critical', 'warning', 'info'] as const).map(
    (severity) => pagerDutyEvent({ ...opened, severity }, KEY, 'full').body.payload,
  );
  expect(severities).toEqual(
    ['critical', 'warning', 'info'].map((severity) => expect.objectContaining({ severity })),
  );
});

test('a title of more than 1,024 characters is cut, not refused', () => {
  const { payload } = pagerDutyEvent({ ...opened, title: 'x'.repeat(2_000) }, KEY, 'full').body;
  expect(payload).toMatchObject({ summary: `${'x'.repeat(1_023)}…` });
});

test('two fields of one name both stay', () => {
  const fields = [
    { name: 'Pod', value: 'a' },
    { name: 'Pod', value: 'b' },
    { name: 'what', value: 'c' },
    { name: '__proto__', value: 'd' },
  ];
  const { payload } = pagerDutyEvent({ ...opened, text: 't', fields }, KEY, 'full').body;
  expect(JSON.parse(JSON.stringify(payload)).custom_details).toEqual(
    JSON.parse(
      `{"what":"t","change":"opened","incident":"${opened.incident}","Pod":"a","Pod (2)":"b","what (3)":"c","__proto__":"d"}`,
    ),
  );
});

test('whatever a notification holds, PagerDuty takes the event', () => {
  fc.assert(
    fc.property(anyNotification, fc.constantFrom('full', 'short'), (notification, size) => {
      const { path, body } = pagerDutyEvent(notification, KEY, size);
      const event = JSON.parse(JSON.stringify(body));
      expect((path === '/v2/enqueue' ? eventFaults : changeFaults)(event, [KEY])).toEqual([]);
      // Slack's rule, kept here too: no half of an emoji, which JSON writes as an escape of its own.
      expect(JSON.stringify(event)).not.toMatch(/\\ud[89a-f]/);
    }),
    { numRuns: 300 },
  );
});

test('the short form fits whatever the fields hold', () => {
  const huge = { name: 'n'.repeat(100_000), value: '🔥'.repeat(400_000) };
  const notification = {
    ...opened,
    text: 'x'.repeat(2_000_000),
    incident: 'i'.repeat(999_999),
    fields: Array(30).fill(huge),
  };
  expect(JSON.stringify(pagerDutyEvent(notification, KEY, 'short').body).length).toBeLessThan(50_000);
});
