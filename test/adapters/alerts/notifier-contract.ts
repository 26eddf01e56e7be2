import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Notifier } from '../../../functions/ports.ts';
import { detailOf, opened, samples } from './samples.ts';

/** One kind of channel in its own small world. */
export interface ChannelRig {
  readonly notifier: Notifier;
  /** What must never be seen in a detail. */
  readonly secret: string;
  /** How many messages the other side has taken. */
  taken(): number;
  /** How often the other side was addressed. */
  asked(): number;
  heal(): void;
  /** Each makes every delivery fail until `heal`. */
  readonly faults: Readonly<Record<string, () => void>>;
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
        expect(await rig.notifier.send(sample)).toEqual({ kind: 'delivered' });
        expect(rig.taken()).toBe(before + 1);
      },
    );

    test('delivers the same notification again when asked again', async () => {
      const before = rig.taken();
      await rig.notifier.send(opened);
      expect(await rig.notifier.send(opened)).toEqual({ kind: 'delivered' });
      expect(rig.taken()).toBe(before + 2);
    });

    test('delivers many at a time', async () => {
      const before = rig.taken();
      await Promise.all(Array.from({ length: 10 }, () => rig.notifier.send(opened)));
      expect(rig.taken()).toBe(before + 10);
    });

    test.each(faultNames)('%s: a sentence and no rejection, no secret, no endless retry', async (fault) => {
      rig.faults[fault]?.();
      const before = rig.asked();
      const delivery = await rig.notifier.send(opened);
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
      for (const fault of faultNames) {
        rig.faults[fault]?.();
        await rig.notifier.send(opened);
        rig.heal();
        expect(await rig.notifier.send(opened)).toEqual({ kind: 'delivered' });
      }
    });
  });
}
