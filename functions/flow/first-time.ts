import type { DurationMs } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { changePressed } from './saved-state.ts';

/** Far more than people press; beyond it nothing is taken, since what is not remembered could be repeated. */
const PRESSES_KEPT = 200;

/**
 * Whether a request is seen for the first time, by whichever process. It counts as seen before anything is done for it.
 * @param keptMs how long a repetition of it would be believed
 */
export async function isFirstTime(
  key: string,
  keptMs: DurationMs,
  { state, clock }: Pick<Ports, 'state' | 'clock'>,
): Promise<boolean> {
  const at = clock.now();
  const seen = { isNew: false };
  await changePressed(state, (now) => {
    const kept = now.presses.filter((one) => Math.abs(at - one.at) < keptMs);
    seen.isNew = kept.length < PRESSES_KEPT && !kept.some((one) => one.key === key);
    return seen.isNew ? { ...now, presses: [...kept, { key, at }] } : now;
  });
  return seen.isNew;
}
