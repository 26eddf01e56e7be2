import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Notification } from '../../../functions/core/notification.ts';
import type { Delivery, Notifier } from '../../../functions/ports.ts';
import {
  anyNotification,
  detailOf,
  escalated,
  opened,
  removed,
  resolved,
  samples,
  updated,
} from './samples.ts';

/** One kind of channel in its own small world. */
export interface ChannelRig {
  readonly notifier: Notifier;
  /** What must never be seen in a detail. */
  readonly secret: string;
  /** How many messages the other side has taken. */
  taken(): number;
  /** The last of them, as it came. */
  said(): string;
  /** How often the other side was addressed. */
  asked(): number;
  heal(): void;
  /** Each makes every delivery fail until `heal`. */
  readonly faults: Readonly<Record<string, () => void>>;
  /** What the service has no place for, when nothing was told before. */
  readonly silent?: readonly Notification['kind'][];
  close(): Promise<void>;
}

/** What the flow relies on, whatever the channel. */
export function describeNotifier(
  name: string,
  faultNames: readonly string[],
  start: () => Promise<ChannelRig>,
): void {
  describe(`notifier "${name}"`, () => {
    let rig: ChannelRig;
    beforeAll(async () => {
      rig = await start();
    });
    beforeEach(() => rig.heal());
    afterAll(() => rig.close());

    test.each(Object.entries(samples))(
      'delivers a notification of kind "%s", once',
      async (_kind, sample) => {
        const before = rig.taken();
        expect(await rig.notifier.send(sample)).toMatchObject({ kind: 'delivered' });
        expect(rig.taken()).toBe(before + (rig.silent?.includes(sample.kind) === true ? 0 : 1));
      },
    );

    test('delivers the same notification again when asked again', async () => {
      const before = rig.asked();
      await rig.notifier.send(opened);
      expect(await rig.notifier.send(opened)).toMatchObject({ kind: 'delivered' });
      expect(rig.asked()).toBeGreaterThanOrEqual(before + 2);
    });

    test('says where to read on', async () => {
      const links = [
        { name: 'Report', url: 'https://reports.example.com/a%20b.html?x=1' },
        { name: 'Runbook', url: 'https://wiki.example.com/runbook' },
        { name: 'Trick', url: 'javascript:alert(1)' },
      ];
      await rig.notifier.send({ ...opened, id: 'linked/0', incident: 'linked', page: 'linked', links });
      expect(rig.said()).toContain('https://reports.example.com/a%20b.html?x=1');
      expect(rig.said()).toContain('https://wiki.example.com/runbook');
      expect(rig.said()).not.toContain('javascript:');
    });

    test('delivers many at a time', async () => {
      const before = rig.taken();
      const many = Array.from({ length: 10 }, (_, at) => ({
        ...opened,
        id: `${opened.id}-${at}`,
        incident: `i-${at}`,
        page: `p-${at}`,
      }));
      await Promise.all(many.map((one) => rig.notifier.send(one)));
      expect(rig.taken()).toBe(before + 10);
    });

    test('goes on with a story by what it wanted to be kept of it', async () => {
      let memo: string | null = null;
      const story = [opened, updated, removed, escalated, { ...resolved, page: escalated.page }];
      for (const [at, one] of story.entries()) {
        const before = rig.taken();
        const told = { ...one, id: `one-story/${at}`, incident: 'one-story' };
        const delivery: Delivery = await rig.notifier.send(told, memo);
        expect([one.kind, delivery.kind]).toEqual([one.kind, 'delivered']);
        expect(rig.taken()).toBeGreaterThan(before);
        expect((delivery.memo ?? '').length).toBeLessThanOrEqual(1_000);
        memo = delivery.memo ?? memo;
      }
    });

    test('takes a memo that another kind of channel left for none', async () => {
      for (const memo of ['', 'not JSON', '[]', '{"ts":7}', 'null'])
        expect(await rig.notifier.send(updated, memo)).toMatchObject({ kind: 'delivered' });
    });

    test('whatever a notification holds, the service takes it', async () => {
      await fc.assert(
        fc.asyncProperty(anyNotification, async (notification) => {
          expect(await rig.notifier.send(notification)).toMatchObject({ kind: 'delivered' });
        }),
        { numRuns: 60 },
      );
    });

    test.each(faultNames)('%s: a sentence and no rejection, no secret, no endless retry', async (fault) => {
      rig.faults[fault]?.();
      const before = rig.asked();
      const { memo: _, ...delivery } = await rig.notifier.send(opened);
      expect(delivery.kind).not.toBe('delivered');
      expect(Object.keys(delivery).sort()).toEqual(
        delivery.kind === 'later' ? ['afterMs', 'detail', 'kind'] : ['detail', 'kind'],
      );
      if (delivery.kind === 'later') expect(delivery.afterMs).toBeGreaterThan(0);
      expect(detailOf(delivery)).toMatch(/^[^\n]{10,500}$/);
      expect(detailOf(delivery)).not.toContain(rig.secret);
      expect(rig.asked() - before).toBeLessThanOrEqual(2);
    });

    test('works again once the trouble is over', async () => {
      for (const fault of faultNames.filter((one) => one !== 'a slow answer')) {
        rig.faults[fault]?.();
        const { memo = null } = await rig.notifier.send(opened);
        rig.heal();
        expect(await rig.notifier.send(opened, memo)).toMatchObject({ kind: 'delivered' });
      }
    });
  });
}
