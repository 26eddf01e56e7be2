import { describe, expect, test } from '@jest/globals';
import type { BeatMemory } from '../../functions/core/beat.ts';
import { DIAGNOSIS } from '../../functions/core/diagnosis.ts';
import type { HandMemory } from '../../functions/core/hand-memory.ts';
import type { DatabaseClient, HeldLock, LockWait } from '../../functions/core/observation.ts';
import type { TargetLooks } from '../../functions/core/patient.ts';
import type { PodFact } from '../../functions/core/pod.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import type { Target } from '../../functions/core/target.ts';
import {
  AGED,
  aGroup,
  aHandMemory,
  aPod,
  aRow,
  aTarget,
  aWaitingPool,
  judged,
  looksOf,
  MINUTE,
  NOW,
  own,
  POLICY,
  progress,
  rows,
  SECOND,
  silent,
  unreadable,
  web,
  work,
} from './builders.ts';
import { companions, nodes, WAITED } from './companion-builders.ts';

interface Row {
  readonly name: string;
  readonly rule: string;
  readonly pods?: readonly PodFact[];
  readonly looks?: Partial<TargetLooks>;
  readonly state?: Partial<TargetState>;
  readonly target?: Partial<Target>;
}

const UID = 'uid-airflow-scheduler-a';
const container = (change: object) =>
  aPod('airflow-scheduler-a', { container: { ...aPod().container, ...change } as never });
const alone = { jobs: null, progress: null } as const;
const noDatabase: Partial<Target> = { database: null };
const provenScheduler: Partial<TargetState> = {
  proven: { heartbeat: {}, own: NOW, web: null, health: NOW, progress: null, kubelet: null, locks: null },
};
const probe = {
  kind: 'errored',
  message: 'cannot allocate memory',
  count: 9,
  lastAt: NOW - 20 * SECOND,
} as const;
const kubelet = (workingSetBytes: number | null, event: object | null = probe) => ({
  kind: 'answered' as const,
  at: NOW,
  tookMs: 5,
  byUid: {
    [UID]: {
      probes: event === null ? [] : [event as typeof probe],
      memory: workingSetBytes === null ? null : { workingSetBytes, limitBytes: 100 },
      memoryDetail: workingSetBytes === null ? 'the statistics hang' : null,
    },
  },
});
const restartAbove = (share: number) => ({
  policy: { ...aTarget().policy, memory: { restartAbove: share, when: 'quiet' as const } },
});
const rollout = (rollingOut: string | null) => ({
  [UID]: {
    kind: 'answered' as const,
    at: NOW,
    tookMs: 5,
    name: 'airflow-scheduler',
    rollingOut,
    paused: null,
  },
});
const client = (id: number, address: string | null, user = 'airflow'): DatabaseClient => ({
  id,
  user,
  address,
  application: null,
  state: null,
  queryAgeSeconds: null,
});
const wait = (waiting: DatabaseClient, ...holders: readonly DatabaseClient[]): LockWait => ({
  waiting,
  waitedSeconds: 40,
  on: 'dag_run',
  holders,
});
const locks = (...waits: readonly LockWait[]) => ({
  kind: 'answered' as const,
  at: NOW,
  tookMs: 1,
  waits,
  held: [],
});
const held = (holder: DatabaseClient, transactionSeconds: number | null = 400) => ({
  ...locks(),
  held: [{ on: 'dag_run', holder, transaction: '3/14', transactionSeconds } satisfies HeldLock],
});
const seenSince = (ago: number): Partial<TargetState> => ({ heldSince: { '3/14': NOW - ago } });
const replica = (look: ReturnType<typeof rows>, replayedSecondsAgo: number) =>
  look.kind === 'answered' ? { ...look, replica: { replayedSecondsAgo } } : look;
const pair = [aPod(), aPod('airflow-scheduler-b', { ips: ['10.0.0.2'] })];
const b = { hostname: 'airflow-scheduler-b', id: 2 };
const stalled = progress({ decidedAgoSeconds: 400 });

/** One pod as an earlier look left it. */
const remembered = (uid: string, change: Partial<BeatMemory>): Partial<TargetState> => ({
  pods: {
    [uid]: {
      name: uid.replace('uid-', ''),
      component: 'scheduler',
      runningSince: aPod().container?.runningSince ?? null,
      seenBeating: true,
      restarts: 0,
      restartedAt: [],
      beat: {
        source: 'database',
        at: NOW - 60 * SECOND,
        sourceNow: change.lookedAt ?? NOW - 4 * SECOND,
        lookedAt: NOW - 4 * SECOND,
        movedAt: NOW - 60 * SECOND,
        offsetMs: 0,
        clockKnown: true,
        unlistedAt: null,
        silentMs: 0,
        watchedSince: NOW - 60 * SECOND,
        silence: null,
        ...change,
      },
      streak: null,
      cause: 'healthy',
      since: NOW,
      why: '',
    },
  },
});

/** The first of two schedulers, whose tasks an earlier look left so. */
const workRemembered = (change: Partial<HandMemory>): Partial<TargetState> => {
  const { pods = {} } = remembered(UID, { at: NOW - 7 * SECOND, clockKnown: true });
  return {
    pods: Object.fromEntries(
      Object.entries(pods).map(([uid, pod]) => [uid, { ...pod, hand: aHandMemory(change) }]),
    ),
  };
};
const busy = [aGroup({ jobId: 2 }), aGroup({ jobId: 2, state: 'running', newestStartSeconds: 10 })];
const two = { jobs: rows([aRow(2), aRow(2, b)]) };
const stuckTasks = work([...busy, aGroup({ ...AGED, jobId: 1 })], [{ jobId: 1, tasks: 2, dags: 2 }]);
const stuckFor = (ago: number) =>
  workRemembered({ startedAt: NOW - 12 * MINUTE, stuckSince: NOW - ago, queuedAt: NOW - 20 * SECOND });
const passedOver = workRemembered({ passed: 60, queuedAt: NOW - 70 * MINUTE });
const openWork = progress({
  pools: [aWaitingPool(), aWaitingPool({ state: 'running', oldestSeconds: 30 })],
});

const BESIDE_PEERS: readonly Row[] = [
  {
    name: 'what it queues is not started, while a peer starts the same tasks',
    rule: 'starts-nothing',
    pods: pair,
    looks: { jobs: two.jobs, work: stuckTasks },
    state: stuckFor(6 * MINUTE),
  },
  {
    name: 'the same for four minutes only',
    rule: 'fresh',
    pods: pair,
    looks: { jobs: two.jobs, work: stuckTasks },
    state: stuckFor(4 * MINUTE),
  },
  {
    name: 'the same while a stranger holds locks',
    rule: 'fresh',
    pods: pair,
    looks: { jobs: two.jobs, work: stuckTasks, locks: held(client(8, '10.9.9.9', 'ann')) },
    state: stuckFor(6 * MINUTE),
  },
  {
    name: 'the same beside a peer whose row is not known',
    rule: 'fresh',
    pods: [...pair, aPod('airflow-scheduler-c', { ips: ['10.0.0.3'] })],
    looks: { jobs: two.jobs, work: stuckTasks },
    state: stuckFor(6 * MINUTE),
  },
  {
    name: 'the same while the database has come back just now',
    rule: 'fresh',
    pods: pair,
    looks: { jobs: rows([aRow(2), aRow(2, b)], 20), work: stuckTasks },
    state: stuckFor(6 * MINUTE),
  },
  {
    name: 'the same where who has which tasks cannot be read any more',
    rule: 'fresh',
    pods: pair,
    looks: { jobs: two.jobs, work: unreadable('forbidden') },
    state: stuckFor(6 * MINUTE),
  },
  {
    name: 'look after look its peer takes the work that waits, and it takes none',
    rule: 'queues-nothing',
    pods: pair,
    looks: { jobs: two.jobs, work: work(busy), progress: openWork },
    state: passedOver,
  },
  {
    name: 'the same while nothing tells what waits',
    rule: 'fresh',
    pods: pair,
    looks: { jobs: two.jobs, work: work(busy), progress: unreadable('forbidden') },
    state: passedOver,
  },
  {
    name: 'the same while it has a task in hand',
    rule: 'fresh',
    pods: pair,
    looks: { jobs: two.jobs, work: work([...busy, aGroup({ jobId: 1 })]), progress: openWork },
    state: passedOver,
  },
];

const TABLE: readonly Row[] = [
  ...BESIDE_PEERS,
  { name: 'a fresh heartbeat and work that moves', rule: 'fresh' },
  {
    name: 'a fresh heartbeat and nothing to do',
    rule: 'idle',
    looks: { progress: progress({ runningRuns: 0, decidedAgoSeconds: null }) },
  },
  {
    name: 'a fresh heartbeat while progress cannot be read',
    rule: 'fresh',
    looks: { progress: unreadable('forbidden') },
  },
  {
    name: 'a heartbeat as old as Airflow 3 writes it in calm (11.8 s)',
    rule: 'fresh',
    looks: { jobs: rows([aRow(11.8)]) },
  },
  {
    name: 'a heartbeat over the limit, own server 503',
    rule: 'dead',
    looks: { jobs: rows([aRow(31)]), own: { [UID]: own('unhealthy') }, progress: null },
  },
  {
    name: 'a heartbeat over the limit, own server silent (the whole group is stopped)',
    rule: 'dead',
    looks: { jobs: rows([aRow(31)]), own: { [UID]: silent() }, progress: null },
  },
  {
    name: 'a table is locked by another session of its own, for which its loop waits',
    rule: 'dead',
    looks: {
      jobs: rows([aRow(94)]),
      progress: unreadable('locked'),
      own: { [UID]: own('unhealthy') },
      locks: locks(wait(client(7, '10.0.0.1'), client(8, '10.0.0.1'))),
    },
  },
  {
    name: 'its session waits for rows that a stranger has locked',
    rule: 'lock-of-stranger',
    looks: {
      jobs: rows([aRow(31)]),
      progress: null,
      locks: locks(wait(client(7, '10.0.0.1'), client(8, '10.9.9.9', 'ann'))),
    },
  },
  {
    name: 'it beats, nothing moves, and its session waits for rows that a stranger has locked',
    rule: 'lock-of-stranger',
    looks: { progress: stalled, locks: locks(wait(client(7, '10.0.0.1'), client(8, null, 'ann'))) },
  },
  {
    name: 'its session waits for a lock that a dead peer holds',
    rule: 'lock-of-peer',
    pods: pair,
    looks: {
      jobs: rows([aRow(31), aRow(90, b)]),
      progress: null,
      locks: locks(wait(client(7, '10.0.0.1'), client(8, '10.0.0.2'))),
    },
  },
  {
    name: 'it beats, nothing moves, and a stranger holds rows for which nobody waits',
    rule: 'lock-of-stranger',
    looks: { progress: stalled, locks: held(client(8, '10.9.9.9', 'ann')) },
  },
  {
    name: 'the same, under an address that may be a pooler’s',
    rule: 'lock-of-stranger',
    looks: { progress: stalled, locks: held(client(8, '10.9.9.9')) },
  },
  {
    name: 'the same, while the database is said to have come back: it is no recovery',
    rule: 'lock-of-stranger',
    looks: { progress: stalled, locks: held(client(8, '10.9.9.9')) },
    state: { database: { downSince: NOW - MINUTE, backAt: null } },
  },
  {
    name: 'the same, but it holds them itself',
    rule: 'stalled',
    looks: { progress: stalled, locks: held(client(8, '10.0.0.1')) },
  },
  {
    name: 'the same, but for less than a minute',
    rule: 'stalled',
    looks: { progress: stalled, locks: held(client(8, '10.9.9.9', 'ann'), 59) },
  },
  {
    name: 'a stranger holds rows while work moves',
    rule: 'fresh',
    looks: { locks: held(client(8, '10.9.9.9', 'ann')) },
  },
  {
    name: 'a stranger holds rows, and its heartbeat is stale: it passes nothing by, it hangs',
    rule: 'dead',
    looks: { jobs: rows([aRow(31)]), progress: null, locks: held(client(8, '10.9.9.9', 'ann')) },
  },
  {
    name: 'a prepared transaction holds rows: no session is left that could be a pod’s',
    rule: 'lock-of-stranger',
    looks: { progress: stalled, locks: held({ ...client(0, null), user: null }) },
  },
  {
    name: 'it beats, nothing moves, and a peer that beats has held rows for long',
    rule: 'lock-of-peer',
    pods: pair,
    looks: {
      jobs: rows([aRow(2), aRow(2, b)]),
      progress: stalled,
      locks: held(client(8, '10.0.0.2')),
    },
  },
  {
    name: 'it beats, nothing moves, and whose transaction holds rows is hidden',
    rule: 'lock-of-somebody',
    looks: { progress: stalled, locks: held(client(8, null), null) },
    state: seenSince(MINUTE),
  },
  {
    name: 'the same, seen for less than a minute',
    rule: 'stalled',
    looks: { progress: stalled, locks: held(client(8, null), null) },
    state: seenSince(59 * SECOND),
  },
  {
    name: 'sessions wait, and whose they are is hidden',
    rule: 'lock-of-somebody',
    looks: { jobs: rows([aRow(31)]), progress: null, locks: locks(wait(client(7, null), client(8, null))) },
  },
  {
    name: 'it holds the lock for which its own other session waits',
    rule: 'dead',
    looks: {
      jobs: rows([aRow(31)]),
      progress: null,
      locks: locks(wait(client(7, '10.0.0.1'), client(8, '10.0.0.1'))),
    },
  },
  {
    name: 'somebody waits for a moment only',
    rule: 'dead',
    looks: {
      jobs: rows([aRow(31)]),
      progress: null,
      locks: locks({ ...wait(client(7, '10.0.0.1'), client(8, '10.9.9.9', 'ann')), waitedSeconds: 2 }),
    },
  },
  {
    name: 'a stale row on a replica that has replayed nothing since',
    rule: 'stale-replica',
    looks: { jobs: replica(rows([aRow(31)]), 28), progress: null },
  },
  {
    name: 'a stale row on a replica that is up to date',
    rule: 'dead',
    looks: { jobs: replica(rows([aRow(31)]), 1), progress: null },
  },
  {
    name: 'decisions go on long after the last heartbeat: a loop that takes long',
    rule: 'stale-but-decides',
    looks: { jobs: rows([aRow(300)]), progress: progress({ decidedAgoSeconds: 200 }) },
  },
  {
    name: 'a peer fell silent with it and beats again just now',
    rule: 'companion-just-back',
    pods: pair,
    looks: { jobs: rows([aRow(94), aRow(2, b)]), progress: null },
    state: remembered('uid-airflow-scheduler-b', { at: NOW - 92 * SECOND, silentMs: 90 * SECOND }),
  },
  {
    name: 'a peer that was silent, too, fell silent at another time',
    rule: 'dead',
    pods: pair,
    looks: { jobs: rows([aRow(94), aRow(2, b)]), progress: null },
    state: remembered('uid-airflow-scheduler-b', { at: NOW - 54 * SECOND, silentMs: 50 * SECOND }),
  },
  {
    name: 'the last decision is as old as the last heartbeat',
    rule: 'dead',
    looks: { jobs: rows([aRow(60)]), progress: progress({ decidedAgoSeconds: 50 }) },
  },
  {
    name: 'without a heartbeat source all health servers are silent at once',
    rule: 'all-silent',
    pods: pair,
    target: noDatabase,
    state: provenScheduler,
    looks: { ...alone, own: { [UID]: silent(), 'uid-airflow-scheduler-b': silent() } },
  },
  {
    name: 'a row that a peer marked failed, but that beats',
    rule: 'fresh',
    looks: { jobs: rows([aRow(3, { state: 'failed' })]) },
  },
  {
    name: 'SIGTERM with running tasks: looks dead, is terminating',
    rule: 'terminating',
    pods: [aPod('airflow-scheduler-a', { terminatingSince: NOW - SECOND })],
    looks: { jobs: rows([aRow(300)]) },
  },
  {
    name: 'a stale heartbeat in the middle of a rollout',
    rule: 'rollout',
    looks: { jobs: rows([aRow(94)]), workloads: rollout('1 of 2 replicas updated') },
  },
  {
    name: 'a stale heartbeat, and no rollout',
    rule: 'dead',
    looks: { jobs: rows([aRow(94)]), workloads: rollout(null), progress: null },
  },
  {
    name: 'a container that waits',
    rule: 'not-running',
    pods: [container({ state: 'waiting', reason: 'CrashLoopBackOff', runningSince: null })],
    looks: { jobs: rows([aRow(94)]) },
  },
  {
    name: 'a pod that is pending',
    rule: 'not-running',
    pods: [aPod('airflow-scheduler-a', { phase: 'Pending', container: null })],
  },
  {
    name: 'a crash loop while the database is down is the database',
    rule: 'database-down',
    pods: [container({ state: 'waiting', reason: 'CrashLoopBackOff' })],
    looks: { jobs: silent('refused'), progress: silent('refused') },
  },
  {
    name: 'a heartbeat an hour in the future is no proof of life, nor of death',
    rule: 'future-heartbeat',
    looks: { jobs: rows([aRow(-3_600)]) },
  },
  {
    name: 'a heartbeat two seconds in the future is clock skew',
    rule: 'fresh',
    looks: { jobs: rows([aRow(-2)]) },
  },
  {
    name: 'runs are running and nothing was decided for 400 s',
    rule: 'stalled',
    looks: { progress: stalled },
  },
  {
    name: 'the same, but a peer is stale and may hold the locks',
    rule: 'fresh',
    pods: pair,
    looks: { jobs: rows([aRow(2), aRow(94, b)]), progress: stalled },
  },
  {
    name: 'the same, but the container is young',
    rule: 'fresh',
    pods: [container({ runningSince: NOW - MINUTE })],
    looks: { jobs: rows([aRow(2, { startedSecondsAgo: 55 })]), progress: stalled },
  },
  {
    name: 'the same, but the database restarted a moment ago',
    rule: 'fresh',
    looks: { jobs: rows([aRow(2)], 5), progress: stalled },
  },
  {
    name: 'exec probes cannot be started and memory is at 94 %',
    rule: 'starving',
    looks: { kubelet: kubelet(94) },
  },
  {
    name: 'exec probes cannot be started and the memory statistics hang',
    rule: 'starving',
    looks: { kubelet: kubelet(null) },
  },
  {
    name: 'exec probes cannot be started, but memory is far from its limit',
    rule: 'fresh',
    looks: { kubelet: kubelet(40) },
  },
  {
    name: 'probe errors of an hour ago',
    rule: 'fresh',
    looks: { kubelet: kubelet(94, { ...probe, lastAt: NOW - 55 * MINUTE }) },
  },
  {
    name: 'memory above what the policy lets it come to',
    rule: 'memory-above',
    looks: { kubelet: kubelet(91, null) },
    target: restartAbove(0.9),
  },
  {
    name: 'memory below what the policy lets it come to',
    rule: 'fresh',
    looks: { kubelet: kubelet(89, null) },
    target: restartAbove(0.9),
  },
  {
    name: 'memory above what the policy lets it come to, and no heartbeat',
    rule: 'dead',
    looks: { jobs: rows([aRow(94)]), kubelet: kubelet(91, null), progress: null },
    target: restartAbove(0.9),
  },
  { name: 'memory near its limit and no probe error', rule: 'fresh', looks: { kubelet: kubelet(94, null) } },
  {
    name: 'own server says 503 on a row of 3 s',
    rule: 'fresh-but-503',
    looks: { jobs: rows([aRow(3)]), own: { [UID]: own('unhealthy') } },
  },
  {
    name: 'own server says 503 on a row of 28 s: about to cross',
    rule: 'fresh',
    looks: { jobs: rows([aRow(28)]), own: { [UID]: own('unhealthy') } },
  },
  {
    name: 'own server silent, which used to answer, on a fresh row',
    rule: 'fresh-but-silent',
    looks: { own: { [UID]: silent() } },
    state: provenScheduler,
  },
  {
    name: 'own server silent that never answered: the port is not enabled',
    rule: 'fresh',
    looks: { own: { [UID]: silent('refused') } },
  },
  {
    name: 'the database refuses, own server 503',
    rule: 'database-down',
    looks: { jobs: silent('refused'), progress: silent('refused'), own: { [UID]: own('unhealthy') } },
  },
  {
    name: 'the database refuses us, own server reads it well',
    rule: 'database-path',
    looks: { jobs: silent('timeout'), progress: silent(), own: { [UID]: own('healthy') } },
  },
  {
    name: 'our password is wrong, own server well',
    rule: 'database-path',
    looks: { jobs: unreadable('unauthorized'), own: { [UID]: own('healthy') } },
  },
  {
    name: 'our password is wrong, nothing else speaks',
    rule: 'database-unreadable',
    looks: { jobs: unreadable('unauthorized') },
  },
  {
    name: "a lock on Airflow's tables: the heartbeat is stale, the progress query waits",
    rule: 'database-locked',
    looks: { jobs: rows([aRow(94)]), progress: unreadable('locked'), own: { [UID]: own('unhealthy') } },
  },
  { name: 'a lock on the job table itself', rule: 'database-locked', looks: { jobs: unreadable('locked') } },
  {
    name: 'both schedulers stopped within 20 s of each other',
    rule: 'stopped-together',
    pods: pair,
    looks: { jobs: rows([aRow(60), aRow(55, b)]), progress: null },
  },
  {
    name: 'both schedulers stopped, a minute apart',
    rule: 'dead',
    pods: pair,
    looks: { jobs: rows([aRow(120), aRow(50, b)]), progress: null },
  },
  { name: 'one of two is stale', rule: 'dead', pods: pair, looks: { jobs: rows([aRow(94), aRow(2, b)]) } },
  {
    name: 'scheduler and triggerer rows stopped at the same moment: nobody can write',
    rule: 'stopped-together',
    looks: {
      jobs: rows([aRow(60), aRow(58, { component: 'triggerer', hostname: 't', id: 3 })]),
      progress: null,
    },
  },
  {
    name: 'the triggerer still beats: the database takes writes',
    rule: 'dead',
    looks: {
      jobs: rows([aRow(60), aRow(3, { component: 'triggerer', hostname: 't', id: 3 })]),
      progress: null,
    },
  },
  {
    name: 'the database server started 5 s ago (an outage between two ticks)',
    rule: 'database-recovering',
    looks: { jobs: rows([aRow(45)], 5) },
  },
  {
    name: 'the database came back 20 s ago',
    rule: 'database-recovering',
    looks: { jobs: rows([aRow(45)]) },
    state: { database: { downSince: null, backAt: NOW - 20 * SECOND } },
  },
  {
    name: 'the first look after an outage',
    rule: 'database-recovering',
    looks: { jobs: rows([aRow(45)]) },
    state: { database: { downSince: NOW - MINUTE, backAt: null } },
  },
  {
    name: 'two minutes after the outage it is still stale (the zombie of 2.11)',
    rule: 'dead',
    looks: { jobs: rows([aRow(145)]), progress: null },
    state: { database: { downSince: null, backAt: NOW - 2 * MINUTE } },
  },
  {
    name: 'a container of two minutes without a beat',
    rule: 'starting',
    pods: [container({ runningSince: NOW - 2 * MINUTE })],
    looks: { jobs: rows([]) },
  },
  {
    name: 'only the row of an earlier incarnation',
    rule: 'no-row',
    looks: { jobs: rows([aRow(4_000, { startedSecondsAgo: 9_000 })]), progress: null },
  },
  {
    name: 'a restarted container beside its old row',
    rule: 'starting',
    pods: [container({ runningSince: NOW - 2 * MINUTE })],
    looks: { jobs: rows([aRow(130, { startedSecondsAgo: 3_600 })]) },
  },
  {
    name: 'own server reads a fresh row where ours is stale: we read a replica',
    rule: 'stale-but-200',
    looks: { jobs: rows([aRow(94)]), own: { [UID]: own('healthy') } },
  },
  {
    name: 'no scheduler beats, and yet runs are decided',
    rule: 'stale-but-decides',
    looks: { jobs: rows([aRow(94)]) },
  },
  {
    name: 'a peer beats, so the decisions are the peer’s',
    rule: 'dead',
    looks: { jobs: rows([aRow(94), aRow(2, b)]) },
  },
  {
    name: 'without a database: own server well',
    rule: 'own-healthy',
    looks: { ...alone, own: { [UID]: own('healthy') } },
    target: noDatabase,
  },
  {
    name: 'without a database: own server 503',
    rule: 'own-503',
    looks: { ...alone, own: { [UID]: own('unhealthy') } },
    target: noDatabase,
  },
  {
    name: 'without a database: own server 503 while a peer’s is well',
    rule: 'own-503-database-up',
    pods: pair,
    looks: { ...alone, own: { [UID]: own('unhealthy'), 'uid-airflow-scheduler-b': own('healthy') } },
    target: noDatabase,
  },
  {
    name: 'without a database: own server silent',
    rule: 'silent',
    looks: { ...alone, own: { [UID]: silent() } },
    target: noDatabase,
    state: provenScheduler,
  },
  {
    name: 'without a database: own server cannot be reached for TLS reasons',
    rule: 'no-witness',
    looks: { ...alone, own: { [UID]: silent('tls') } },
    target: noDatabase,
    state: provenScheduler,
  },
  {
    name: 'a silent web server says nothing of the scheduler behind it',
    rule: 'no-witness',
    looks: { ...alone, urls: [{ url: 'u', look: silent() }] },
    target: noDatabase,
  },
  {
    name: 'web health of an only scheduler: stale',
    rule: 'dead',
    looks: { ...alone, urls: [{ url: 'u', look: web('healthy', 94) }] },
    target: noDatabase,
  },
  {
    name: 'web health of an only scheduler: fresh',
    rule: 'fresh',
    looks: { ...alone, urls: [{ url: 'u', look: web('healthy', 3) }] },
    target: noDatabase,
  },
  {
    name: 'web health during a database outage: all unhealthy',
    rule: 'database-down',
    looks: { ...alone, urls: [{ url: 'u', look: web('unhealthy', null) }] },
    target: noDatabase,
  },
  {
    name: 'web health without instances cannot speak of one of two',
    rule: 'no-witness',
    pods: pair,
    looks: { ...alone, urls: [{ url: 'u', look: web('healthy', 94) }] },
    target: noDatabase,
  },
  {
    name: 'its heartbeat is stale, and its node is not ready',
    rule: 'node-not-ready',
    looks: {
      jobs: rows([aRow(94)]),
      progress: null,
      nodes: nodes({ isReady: false, reason: 'KubeletStopped' }),
    },
  },
  {
    name: 'its heartbeat is stale, and its node is only short of memory: it is dead by itself',
    rule: 'dead',
    looks: { jobs: rows([aRow(94)]), progress: null, nodes: nodes({ pressures: ['MemoryPressure'] }) },
  },
  {
    name: 'its node is not ready, but it works',
    rule: 'fresh',
    looks: { nodes: nodes({ isReady: false }) },
  },
  {
    name: 'nobody may read its node',
    rule: 'dead',
    looks: { jobs: rows([aRow(94)]), progress: null, nodes: unreadable('forbidden') },
  },
  {
    name: 'a triggerer beats, holds none, and triggers are taken up by nobody',
    rule: 'not-triggering',
    pods: [aPod('t', { component: 'triggerer', uid: UID })],
    looks: {
      jobs: rows([aRow(2, { component: 'triggerer', hostname: 't' })]),
      companions: companions({ groups: [{ ...WAITED, waitedForSeconds: 601 }] }),
    },
  },
  {
    name: 'a dag-processor beats, and has not parsed for longer than anybody pauses',
    rule: 'not-parsing',
    pods: [aPod('p', { component: 'dag-processor', uid: UID })],
    looks: {
      jobs: rows([aRow(2, { component: 'dag-processor', hostname: 'p' })]),
      companions: companions({}, { bundles: [{ bundle: 'main', dags: 3, parsedAgoSeconds: 21_601 }] }),
    },
  },
  {
    name: 'the row of a dag-processor is late, but it parses',
    rule: 'stale-but-parses',
    pods: [aPod('p', { component: 'dag-processor', uid: UID })],
    looks: {
      jobs: rows([aRow(60, { component: 'dag-processor', hostname: 'p' })]),
      companions: companions({}, { bundles: [{ bundle: 'main', dags: 3, parsedAgoSeconds: 12 }] }),
    },
  },
];

test.each(TABLE)('$name → $rule', ({ pods, looks, state, target, rule }) => {
  const all = pods ?? [aPod()];
  const [first] = judged(looksOf(all, looks), { ...NEW_STATE, ...state }, aTarget(target));
  expect(first?.verdict).toMatchObject({ rule, why: expect.stringMatching(/\S/) });
});

describe('instances of Airflow 3.4', () => {
  const listing = (hostnames: readonly string[]) => {
    const look = web('healthy', 3);
    const instances = hostnames.map((hostname) => ({ hostname, heartbeatAgeSeconds: 3 }));
    const scheduler = { says: 'healthy' as const, heartbeatAgeSeconds: 3, instances };
    return [{ url: 'u', look: look.kind === 'answered' ? { ...look, components: { scheduler } } : look }];
  };
  const seen = remembered(UID, {
    source: 'web',
    at: NOW - 63 * SECOND,
    lookedAt: NOW - 60 * SECOND,
    unlistedAt: NOW - 30 * SECOND,
    silentMs: 3 * SECOND,
  });

  test.each([
    {
      name: 'a pod that is listed is alive',
      hosts: ['airflow-scheduler-a', 'airflow-scheduler-b'],
      state: {},
      rule: 'fresh',
    },
    {
      name: 'a pod that has left the list is dead',
      hosts: ['airflow-scheduler-b'],
      state: seen,
      rule: 'gone-from-instances',
    },
    {
      name: 'a pod that never was in the list is unknown',
      hosts: ['airflow-scheduler-b'],
      state: {},
      rule: 'no-row',
    },
  ])('$name', ({ hosts, state, rule }) => {
    const looks = looksOf(pair, { ...alone, urls: listing(hosts) });
    const [first] = judged(looks, { ...NEW_STATE, ...state }, aTarget({ database: null }));
    expect(first?.verdict.rule).toBe(rule);
  });
});

test.each([
  { name: 'nobody holds anything', locks: locks(), needsMs: 0 },
  { name: 'only it holds something', locks: held(client(8, '10.0.0.1')), needsMs: 0 },
  { name: 'a transaction is known to be young', locks: held(client(8, '10.9.9.9'), 5), needsMs: 0 },
  { name: 'a transaction hides its age', locks: held(client(8, null), null), needsMs: MINUTE },
])('how long a stall must last: $name', (row) => {
  const [first] = judged(looksOf([aPod()], { progress: stalled, locks: row.locks }));
  expect(first?.verdict).toMatchObject({ rule: 'stalled', needsMs: row.needsMs });
});

test('every row of the decision table is hit by an example above', () => {
  const hit = new Set([...TABLE.map(({ rule }) => rule), 'gone-from-instances']);
  expect(DIAGNOSIS.map(({ id }) => id).filter((id) => !hit.has(id))).toEqual([]);
});

test('the limits of the examples are those of the policy', () => {
  expect(POLICY.heartbeatLimitMs).toBe(30_000);
});
