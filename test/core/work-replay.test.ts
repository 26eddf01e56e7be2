import { expect, test } from '@jest/globals';
import { type KeptLooks, keptLooks } from '../../functions/core/kept-looks.ts';
import { recordingOf } from '../../functions/core/recording.ts';
import { replay } from '../../functions/core/replay.ts';
import { NEW_STATE, type PodMemory, type TargetState } from '../../functions/core/state.ts';
import { conclude, look } from '../../functions/core/step.ts';
import {
  AGED,
  aGroup,
  aHandMemory,
  aPod,
  aRow,
  aTarget,
  looksOf,
  MINUTE,
  NOW,
  rows,
  STEP_FACTS,
  work,
} from './builders.ts';

const AT = { now: NOW, slotMs: MINUTE, inDoubt: false };
const target = aTarget();
const pods = [aPod(), aPod('airflow-scheduler-b', { ips: ['10.0.0.2'] })];
const looks = looksOf(pods, {
  jobs: rows([aRow(2), aRow(2, { id: 2, hostname: 'airflow-scheduler-b' })]),
  work: work(
    [aGroup(AGED), aGroup({ jobId: 2, state: 'running', newestStartSeconds: 9 })],
    [{ jobId: 1, tasks: 2, dags: 2 }],
  ),
});
const stuck = aHandMemory({ startedAt: NOW - 12 * MINUTE, stuckSince: NOW - 6 * MINUTE });

/** The target as the look before left it, with this known of the first scheduler's tasks. */
function remembered(change: Pick<PodMemory, 'hand'>): TargetState {
  const { state } = look(target, NEW_STATE, { ...looks, work: null }, AT);
  const known = Object.entries(state.pods).map(([uid, pod]) => [
    uid,
    uid === pods[0]?.uid ? { ...pod, ...change } : pod,
  ]);
  return { ...state, pods: Object.fromEntries(known) };
}

function judgedAgain(state: TargetState, kept: KeptLooks) {
  const recording = recordingOf(
    { state, at: AT },
    conclude(look(target, state, looks, AT), STEP_FACTS),
    STEP_FACTS,
  );
  if (recording === null) throw new Error('something was seen');
  const entry = JSON.parse(JSON.stringify({ tick: '', at: NOW, looks: kept, trail: [], recording }));
  return replay(target, entry).concluded.looked.judged.map(({ verdict }) => verdict.rule);
}

test('tasks in hand out of the ledger are judged again as they were', () => {
  const state = remembered({ hand: stuck });
  expect(look(target, state, looks, AT).judged.map(({ verdict }) => verdict.rule)).toEqual([
    'starts-nothing',
    'fresh',
  ]);
  expect(judgedAgain(state, keptLooks(looks))).toEqual(['starts-nothing', 'fresh']);
});

test('entries of an earlier version, without tasks in hand, are judged without them', () => {
  const { work: _work, ...older } = keptLooks(looks);
  expect(judgedAgain(remembered({}), older)).toEqual(['fresh', 'fresh']);
});

test('a state of an earlier version begins to remember tasks with the next look', () => {
  const { proven, ...rest } = remembered({});
  const { work: _work, ...before } = proven;
  const { state } = look(target, { ...rest, proven: before }, looks, AT);
  expect(state.proven.work).toBe(NOW);
  expect(Object.values(state.pods).map((pod) => pod.hand?.countedAt)).toEqual([NOW, NOW]);
});

test('what is remembered of tasks outlives looks that cannot read them, and ends with the container', () => {
  const state = remembered({ hand: stuck });
  const unread = look(target, state, { ...looks, work: null }, AT).state;
  expect(unread.pods[pods[0]?.uid ?? '']?.hand).toEqual(stuck);
  const container = aPod().container;
  const anew = pods.map((pod) =>
    container === null ? pod : { ...pod, container: { ...container, runningSince: NOW - 10 * MINUTE } },
  );
  const other = look(target, state, { ...looks, pods: anew }, AT).state;
  expect(other.pods[pods[0]?.uid ?? '']?.hand).toBeUndefined();
});
