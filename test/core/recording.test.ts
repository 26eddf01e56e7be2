import { expect, test } from '@jest/globals';
import { type Recording, recordingOf } from '../../functions/core/recording.ts';
import type { Remediation } from '../../functions/core/remediation.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import { conclude, look } from '../../functions/core/step.ts';
import { aPod, aRow, aTarget, looksOf, MINUTE, NOW, rows, STEP_FACTS } from './builders.ts';

const MANY = 500;
const SECRET = 'hunter2hunter2';
const AT = { now: NOW, slotMs: MINUTE, inDoubt: false };

const past = (at: number): Remediation => ({
  uid: `uid-${at}`,
  pod: `airflow-scheduler-${at}`,
  component: 'scheduler',
  cause: 'dead',
  why: `password=${SECRET} `.repeat(200),
  intendedAt: NOW - at,
  firstBadAt: NOW - at,
  lastAliveAt: null,
  highestJobId: null,
  knownUids: Array.from({ length: MANY }, (_, number) => `uid-of-a-pod-${number}`),
  attempts: 1,
  answer: null,
  outcome: null,
  curedAt: null,
});

/** Of a target as large as it may get, with a day full of removals. */
function largest(): Recording {
  const target = aTarget();
  const pods = Array.from({ length: MANY }, (_, at) => aPod(`airflow-scheduler-${at}`, { uid: `uid-${at}` }));
  const looks = looksOf(pods, { jobs: rows([aRow(94)]) });
  const first = look(target, NEW_STATE, looks, AT);
  const state: TargetState = {
    ...first.state,
    remediations: Array.from({ length: MANY }, (_, at) => past(at)),
    pause: { by: 'ann', reason: `token: ${SECRET}`, until: NOW + MINUTE },
  };
  const made = recordingOf(
    { state, at: AT },
    conclude(look(target, state, looks, AT), STEP_FACTS),
    STEP_FACTS,
  );
  if (made === null) throw new Error('something was seen');
  return made;
}

test('what a look was judged with is bounded, however large the target and its past are', () => {
  expect(JSON.stringify(largest()).length).toBeLessThan(100_000);
});

test('it keeps no secret that was quoted in what is remembered', () => {
  expect(JSON.stringify(largest())).not.toContain(SECRET);
});

test('where nothing was seen there is nothing to be judged again', () => {
  const blind = look(aTarget(), NEW_STATE, { blind: 'no network' }, AT);
  expect(recordingOf({ state: NEW_STATE, at: AT }, conclude(blind, STEP_FACTS), STEP_FACTS)).toBeNull();
});
