import { expect, test } from '@jest/globals';
import { unlike } from '../support/shown.ts';

const printed = `
airflow 18:27:33Z, 1 look(s) in 1.0 s
still asking: database of airflow …
  airflow-scheduler-66fd6956b8-2z87s  idle  heartbeat 6.9 s old, limit 1m30s
last tick: 2026-11-25T18:28:31.247Z, 25s ago
`;

/** What a page would show of it. */
const whole = printed.replace(/^still asking.*\n/m, '');

test.each([
  { name: 'all of it at another time', shown: whole.replaceAll('18:2', '03:1').replace('6.9 s', '12 s') },
  { name: 'another pod', shown: whole.replace('66fd6956b8-2z87s', '7c9d8f6b54-abcde') },
  { name: 'its beginning', shown: 'airflow 03:13:00Z, 2 look(s) in 3 s\n…' },
  { name: 'its end', shown: '…\nlast tick: 2026-01-01T00:00:00.000Z, 3s ago' },
])('$name is the same', ({ shown }) => expect(unlike(shown, printed)).toBeNull());

test.each([
  { name: 'another word', shown: whole.replace('idle', 'dead'), first: 'dead' },
  { name: 'a line more', shown: `${whole}state: memory:`, first: 'state: memory:' },
  { name: 'a line less', shown: whole.replace(/^last.*$/m, ''), first: 'last tick' },
  { name: 'a line less in the middle', shown: whole.replace(/^ {2}airflow.*$/m, ''), first: 'last tick' },
  {
    name: 'another order',
    shown: '…\nlast tick: 2026-01-01T00:00:00.000Z, 3s ago\n…\nairflow 03:13:00Z, 1 look(s) in 3 s\n…',
    first: 'airflow',
  },
])('$name is not', ({ shown, first }) => expect(unlike(shown, printed)).toContain(first));
