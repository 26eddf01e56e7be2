import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Notification, OutboxEntry } from '../../functions/core/notification.ts';
import {
  channelBroken,
  dropSuperseded,
  dueOf,
  enqueue,
  keyOf,
  retryAt,
} from '../../functions/core/outbox.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { MINUTE, NO_DETAILS, NOW, SECOND } from './builders.ts';

const notification = (number: number, change: Partial<Notification> = {}): Notification => ({
  id: `i/${number}`,
  incident: 'i',
  page: 'i',
  endsPage: null,
  target: 't',
  at: NOW + number,
  kind: number === 0 ? 'opened' : 'updated',
  severity: 'critical',
  title: 'title',
  text: 'text',
  ...NO_DETAILS,
  ...change,
});
const entry = (number: number, change: Partial<OutboxEntry> = {}): OutboxEntry => ({
  channel: 'pager',
  notification: notification(number),
  attempts: 0,
  nextTryAt: NOW,
  lastDetail: null,
  refused: false,
  ...change,
});

describe('what was refused', () => {
  test('does not hold up what comes after it, and what waits does', () => {
    const refused = entry(0, { refused: true, nextTryAt: NOW + 1 });
    expect(dueOf([refused, entry(1)], NOW).map(keyOf)).toEqual(['pager i/1']);
    // Due again it goes alone: two of one story at once would arrive in any order.
    expect(dueOf([refused, entry(1)], NOW + 1).map(keyOf)).toEqual(['pager i/0']);
    expect(dueOf([entry(0), entry(1)], NOW).map(keyOf)).toEqual(['pager i/0']);
    expect(dueOf([entry(0, { nextTryAt: NOW + 1 }), entry(1)], NOW)).toEqual([]);
  });

  test.each([
    {
      name: 'goes once its channel has taken something newer of the same story',
      delivered: [entry(2)],
      left: [],
    },
    { name: 'stays when only something older was taken', delivered: [entry(0)], left: ['pager i/1'] },
    {
      name: 'stays when another channel took it',
      delivered: [entry(2, { channel: 'slack' })],
      left: ['pager i/1'],
    },
    {
      name: 'stays when another story went on',
      delivered: [entry(2, { notification: notification(2, { incident: 'j' }) })],
      left: ['pager i/1'],
    },
    { name: 'stays when nothing was taken', delivered: [], left: ['pager i/1'] },
  ])('$name', ({ delivered, left }) => {
    expect(dropSuperseded([entry(1, { refused: true })], delivered).map(keyOf)).toEqual(left);
  });

  test('but what only waits is never dropped', () => {
    expect(dropSuperseded([entry(1)], [entry(2)])).toHaveLength(1);
  });
});

test('whatever comes, the outbox stays bounded, and openings and ends outlive updates', () => {
  const kinds = fc.array(
    fc.constantFrom<Notification['kind']>('opened', 'updated', 'escalated', 'resolved', 'note'),
    { maxLength: 400 },
  );
  fc.assert(
    fc.property(kinds, (all) => {
      let outbox: readonly OutboxEntry[] = [];
      for (const [number, kind] of all.entries())
        outbox = enqueue(
          outbox,
          notification(number, { kind, incident: `i${number}`, id: `i${number}/0` }),
          ['pager'],
          NOW,
        );
      expect(outbox.length).toBeLessThanOrEqual(LIMITS.outboxKept);
      const lasting = (kind: Notification['kind']) => kind !== 'updated' && kind !== 'note';
      const must = all.filter(lasting).length;
      const kept = outbox.filter(({ notification: { kind } }) => lasting(kind)).length;
      expect(kept).toBe(Math.min(must, LIMITS.outboxKept));
    }),
  );
});

test('the same notification is not put in twice', () => {
  const once = enqueue([], notification(0), ['slack', 'pager'], NOW);
  expect(enqueue(once, notification(0), ['slack', 'pager'], NOW)).toEqual(once);
});

test('tries grow apart, never closer than the channel asks, and never by more than a quarter of an hour', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 0, max: 60 * MINUTE }), (attempts, afterMs) => {
      const waitMs = retryAt(entry(0, { attempts }), afterMs, NOW) - NOW;
      expect(waitMs).toBeGreaterThanOrEqual(Math.max(afterMs, 5 * SECOND));
      expect(waitMs).toBeLessThanOrEqual(Math.max(afterMs, 15 * MINUTE));
    }),
  );
});

test('what the others are told of a channel that refuses never pages, and belongs to a story of its own', () => {
  const { notification: note, channel } = channelBroken(entry(0), 'refuses alerts', 'invalid_payload', NOW);
  expect(channel).toBe('pager');
  expect(note).toMatchObject({ kind: 'note', severity: 'warning', incident: 'i-pager' });
  expect(note.text).toContain('Not delivered there: "title"');
});
