import { expect, test } from '@jest/globals';
import { rememberLooks } from '../../functions/core/remember.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import { aPod, aTarget, judged, looksOf, MINUTE, NOW } from './builders.ts';

/** What is kept after an hour of one look a minute at so many pods whose memory grows. */
function afterAnHour(pods: number): TargetState {
  const all = Array.from({ length: pods }, (_, at) => aPod(`${at}`));
  const byUid = (bytes: number) =>
    Object.fromEntries(
      all.map(({ uid }) => [
        uid,
        { probes: [], memory: { workingSetBytes: bytes, limitBytes: 1e9 }, memoryDetail: null },
      ]),
    );
  // Judging so many pods is slow and tells nothing here; what is remembered of memory rests on the looks alone.
  const first = judged(looksOf(all));
  let state = NEW_STATE;
  for (let minute = 0; minute < 60; minute += 1) {
    const now = NOW + minute * MINUTE;
    const kubelet = byUid(1e8 + minute * 1e6);
    const seen = first.map((one) => ({
      ...one,
      patient: { ...one.patient, kubelet: kubelet[one.patient.pod.uid] ?? null },
    }));
    const looks = { ...looksOf(all), at: now };
    state = rememberLooks(state, aTarget(), looks, seen, { now, slotMs: MINUTE, inDoubt: false });
  }
  return state;
}

test.each([
  { pods: 1, kept: 20 },
  { pods: 20, kept: 20 },
  { pods: 100, kept: 4 },
  { pods: 400, kept: 2 },
])('of $pods pod(s) $kept samples of memory are kept each, the newest ones', ({ pods, kept }) => {
  const memories = Object.values(afterAnHour(pods).pods).map(({ memory }) => memory ?? []);
  expect(memories).toHaveLength(pods);
  for (const memory of memories) {
    expect(memory).toHaveLength(kept);
    expect(memory.at(-1)).toEqual({ at: NOW + 59 * MINUTE, bytes: 1.59e8 });
  }
});
