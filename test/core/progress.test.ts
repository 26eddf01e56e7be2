import { expect, test } from '@jest/globals';
import type { ProgressFacts } from '../../functions/core/observation.ts';
import { DEFAULT_POLICY } from '../../functions/core/policy.ts';
import { motionOf } from '../../functions/core/progress.ts';
import { aWaitingPool, progress } from './builders.ts';

const none: Partial<ProgressFacts> = { runningRuns: 0, decidedAgoSeconds: null };

// Limit 5 m. The situations are those measured on real Airflow, and the innocent ones that look alike.
test.each<{ readonly name: string; readonly facts: Partial<ProgressFacts>; readonly is: string }>([
  { name: 'healthy and busy', facts: {}, is: 'moving' },
  { name: 'idle, all DAGs paused', facts: { ...none, liveDags: 0 }, is: 'idle' },
  { name: 'idle between two runs', facts: none, is: 'idle' },
  {
    name: 'a full pool of size 0 is a good reason to wait',
    facts: { ...none, pools: [aWaitingPool({ slots: 0, oldestSeconds: 2_274 })] },
    is: 'idle',
  },
  { name: 'rows of dag_run locked: nothing is decided', facts: { decidedAgoSeconds: 301 }, is: 'waiting' },
  {
    name: 'one broken DAG among several, whose run nobody can decide',
    facts: { runningRuns: 3, runningDags: 1, decidedAgoSeconds: 4_000 },
    is: 'moving',
  },
  {
    name: 'the only DAG there is, undecided',
    facts: { runningRuns: 1, runningDags: 1, liveDags: 1, decidedAgoSeconds: 400 },
    is: 'waiting',
  },
  {
    name: 'one DAG of several whose queued run could start',
    facts: { ...none, startableDags: 1, startableForSeconds: 4_000 },
    is: 'moving',
  },
  {
    name: 'two DAGs whose queued runs could start',
    facts: { ...none, startableDags: 2, startableForSeconds: 400 },
    is: 'waiting',
  },
  {
    name: 'scheduled tasks of one DAG only, which may be broken itself',
    facts: { ...none, pools: [aWaitingPool({ dags: 1 })] },
    is: 'moving',
  },
  { name: 'nothing decided for less than the limit', facts: { decidedAgoSeconds: 299 }, is: 'moving' },
  {
    name: 'critical section blocked: tasks wait in a pool with room, none on the way',
    facts: { pools: [aWaitingPool()] },
    is: 'waiting',
  },
  {
    name: 'the same for 4 minutes only',
    facts: { pools: [aWaitingPool({ oldestSeconds: 240 })] },
    is: 'moving',
  },
  {
    name: 'tasks wait while others run: limits of concurrency explain it',
    facts: { pools: [aWaitingPool(), aWaitingPool({ state: 'running', oldestSeconds: 3_000 })] },
    is: 'moving',
  },
  {
    name: 'tasks wait while others are queued',
    facts: { pools: [aWaitingPool(), aWaitingPool({ state: 'queued' })] },
    is: 'moving',
  },
  {
    name: 'one task asks for more slots than its pool has',
    facts: { pools: [aWaitingPool({ slots: 2, tasks: 1, slotsAsked: 4 })] },
    is: 'moving',
  },
  { name: 'a pool without limit', facts: { pools: [aWaitingPool({ slots: -1 })] }, is: 'waiting' },
  {
    name: 'a pool that is not in slot_pool',
    facts: { pools: [aWaitingPool({ slots: null })] },
    is: 'moving',
  },
  {
    name: 'queued runs that nobody starts',
    facts: { ...none, startableDags: 2, startableForSeconds: 400 },
    is: 'waiting',
  },
  {
    name: 'a backlog after a mass clear while decisions are fresh',
    facts: { startableDags: 50, startableForSeconds: 4_000 },
    is: 'moving',
  },
  {
    name: 'two DAGs overdue and nothing runs',
    facts: { ...none, overdueDags: 2, overdueForSeconds: 400 },
    is: 'waiting',
  },
  {
    name: 'one DAG of ten overdue for ever: it may be broken by itself',
    facts: { ...none, overdueDags: 1, overdueForSeconds: 90_000 },
    is: 'moving',
  },
  {
    name: 'the only DAG overdue',
    facts: { ...none, liveDags: 1, overdueDags: 1, overdueForSeconds: 400 },
    is: 'waiting',
  },
  {
    name: 'DAGs overdue while decisions are fresh: catching up',
    facts: { overdueDags: 9, overdueForSeconds: 4_000 },
    is: 'moving',
  },
])('$name: $is', ({ facts, is }) => {
  const look = progress(facts);
  if (look.kind !== 'answered') throw new Error('the builder answers');
  expect(motionOf(look, DEFAULT_POLICY)).toMatchObject({ kind: is, why: expect.stringMatching(/\S/) });
});

test('waiting tasks alone are never believed before five minutes, however short the limit', () => {
  const look = progress({ pools: [aWaitingPool({ oldestSeconds: 200 })] });
  if (look.kind !== 'answered') throw new Error('the builder answers');
  expect(motionOf(look, { ...DEFAULT_POLICY, stallLimitMs: 60_000 }).kind).toBe('moving');
});
