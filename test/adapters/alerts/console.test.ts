import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consoleNotifier } from '../../../functions/adapters/alerts/console.ts';
import { expectGolden } from './golden.ts';
import { anyNotification, opened, samples } from './samples.ts';

test('notifications look as in the golden file', async () => {
  const lines: string[] = [];
  const notifier = consoleNotifier((line) => lines.push(line));
  for (const sample of Object.values(samples))
    expect(await notifier.send(sample)).toEqual({ kind: 'delivered' });
  expectGolden('console.txt', `${lines.join('\n')}\n`);
});

test('whatever a notification holds, it is one line without control characters', async () => {
  await fc.assert(
    fc.asyncProperty(anyNotification, async (notification) => {
      const lines: string[] = [];
      await consoleNotifier((line) => lines.push(line)).send(notification);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u);
    }),
  );
});

test('a closed terminal is said, not thrown', async () => {
  const notifier = consoleNotifier(() => {
    throw new Error('write EPIPE');
  });
  expect(await notifier.send(opened)).toEqual({
    kind: 'later',
    afterMs: 30_000,
    detail: expect.stringMatching(/could not be printed: .*EPIPE/),
  });
});
