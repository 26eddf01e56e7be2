import type { Cause, Verdict } from '../../functions/core/cause.ts';
import type { Judged } from '../../functions/core/decision.ts';
import { judge } from '../../functions/core/diagnosis.ts';
import type { StepFacts } from '../../functions/core/guard-facts.ts';
import type { GuardFacts } from '../../functions/core/guards.ts';
import type { HandMemory } from '../../functions/core/hand-memory.ts';
import type { HeartbeatFacts } from '../../functions/core/heartbeat.ts';
import type { Details } from '../../functions/core/incident.ts';
import type {
  HttpFacts,
  JobRow,
  JobsFacts,
  Look,
  PoolTasks,
  ProgressFacts,
} from '../../functions/core/observation.ts';
import { type Patient, patientsOf, type TargetLooks } from '../../functions/core/patient.ts';
import type { PodFact } from '../../functions/core/pod.ts';
import { DEFAULT_POLICY, type Policy } from '../../functions/core/policy.ts';
import type { Remediation } from '../../functions/core/remediation.ts';
import type { TickReport } from '../../functions/core/report.ts';
import { NEW_FLEET, NEW_STATE, type Streak, type TargetState } from '../../functions/core/state.ts';
import type { Target } from '../../functions/core/target.ts';
import type { WorkFacts, WorkGroup } from '../../functions/core/work.ts';

/** 2026-11-23T03:13:00Z, the moment of every example. */
export const NOW = 1_795_403_580_000;
export const SECOND = 1_000;
export const MINUTE = 60_000;

export const POLICY: Policy = { ...DEFAULT_POLICY, mode: 'remediate', heartbeatLimitMs: 30 * SECOND };

export function aTarget(change: Partial<Target> = {}): Target {
  return {
    id: 'prod',
    cluster: { kind: 'kubeconfig', path: null, context: null },
    namespace: 'airflow',
    components: [{ name: 'scheduler', selector: 'component=scheduler', container: null }],
    health: [{ kind: 'pod', port: 8974, path: '/health' }],
    database: { engine: 'postgres', secret: { scheme: 'env', name: 'DB' }, auth: 'password' },
    policy: POLICY,
    channels: null,
    ...change,
  };
}

/** Three looks in six seconds that found it dead. */
export const STREAK: Streak = {
  cause: 'dead',
  count: 3,
  firstAt: NOW - 6 * SECOND,
  lastAt: NOW,
  needsMs: 0,
  inDoubt: false,
};

/** Facts that no guard holds. */
export const freeFacts = (): GuardFacts => ({
  now: NOW,
  policy: POLICY,
  cause: 'dead',
  acting: true,
  pause: null,
  approval: null,
  causes: ['dead'],
  databaseRecovering: null,
  fleet: { storm: null, repairsFailing: null, budget: null },
  workload: { name: 'airflow-scheduler', rollingOut: null, paused: null },
  canLandElsewhere: true,
  pod: aPod(),
  labelsMatch: true,
  startedMsAgo: 60 * MINUTE,
  remediations: [],
  tasksRunning: 0,
  tickLateMs: 0,
  proven: true,
  doubts: [],
  streak: STREAK,
  resumedAt: null,
});

/** A scheduler of a Deployment, running for an hour. */
export function aPod(name = 'airflow-scheduler-a', change: Partial<PodFact> = {}): PodFact {
  return {
    uid: `uid-${name}`,
    name,
    namespace: 'airflow',
    component: 'scheduler',
    labels: { component: 'scheduler' },
    createdAt: NOW - 60 * MINUTE,
    phase: 'Running',
    terminatingSince: null,
    graceSeconds: 10,
    hostname: null,
    subdomain: null,
    ips: ['10.0.0.1'],
    node: 'node',
    owner: { kind: 'ReplicaSet', name: 'airflow-scheduler' },
    container: {
      name: 'scheduler',
      state: 'running',
      ready: true,
      runningSince: NOW - 60 * MINUTE,
      reason: null,
      restarts: 0,
      lastTermination: null,
      memoryLimitBytes: null,
      executor: null,
    },
    ...change,
  };
}

export function aRow(ageSeconds: number, change: Partial<JobRow> = {}): JobRow {
  return {
    id: 1,
    component: 'scheduler',
    hostname: 'airflow-scheduler-a',
    state: 'running',
    heartbeatAgeSeconds: ageSeconds,
    startedSecondsAgo: 3_590,
    ...change,
  };
}

export function rows(list: readonly JobRow[], uptimeSeconds: number | null = 86_400): Look<JobsFacts> {
  return {
    kind: 'answered',
    at: NOW,
    tookMs: 5,
    rows: list,
    databaseUptimeSeconds: uptimeSeconds,
    databaseNow: NOW,
    replica: null,
  };
}

export function own(says: 'healthy' | 'unhealthy'): Look<HttpFacts> {
  const status = says === 'healthy' ? 200 : 503;
  return {
    kind: 'answered',
    at: NOW,
    tookMs: 5,
    from: 'scheduler',
    status,
    says,
    database: null,
    components: {},
  };
}

export function web(database: 'healthy' | 'unhealthy', ageSeconds: number | null): Look<HttpFacts> {
  const says = database === 'healthy' && ageSeconds !== null && ageSeconds < 30 ? 'healthy' : 'unhealthy';
  const scheduler = { says, heartbeatAgeSeconds: ageSeconds, instances: null } as const;
  return {
    kind: 'answered',
    at: NOW,
    tookMs: 5,
    from: 'web',
    status: 200,
    says,
    database,
    components: { scheduler },
  };
}

export function silent(cause: 'timeout' | 'refused' | 'tls' = 'timeout'): Look<never> {
  return { kind: 'unreachable', at: NOW, tookMs: 5_000, cause, detail: `nothing: ${cause}` };
}

export function unreadable(cause: 'locked' | 'unauthorized' | 'forbidden'): Look<never> {
  return { kind: 'unreadable', at: NOW, tookMs: 5, cause, detail: `unreadable: ${cause}` };
}

/** A deployment at work: one run, decided half a second ago. */
export function progress(change: Partial<ProgressFacts> = {}): Look<ProgressFacts> {
  return {
    kind: 'answered',
    at: NOW,
    tookMs: 5,
    schema: 3,
    liveDags: 10,
    runningRuns: 2,
    runningDags: 2,
    decidedAgoSeconds: 0.5,
    startableDags: 0,
    startableForSeconds: null,
    overdueDags: 0,
    overdueForSeconds: null,
    pools: [],
    ...change,
  };
}

/** Two tasks that a scheduler has just queued. */
export function aGroup(change: Partial<WorkGroup> = {}): WorkGroup {
  return {
    jobId: 1,
    state: 'queued',
    queue: 'default',
    tasks: 2,
    oldestQueuedSeconds: 4,
    newestQueuedSeconds: 2,
    newestStartSeconds: null,
    agedTasks: 0,
    agedDags: 0,
    youngestAgedSeconds: null,
    ...change,
  };
}

/** Four tasks of three DAGs that nobody takes up. */
export const AGED: Partial<WorkGroup> = {
  tasks: 4,
  oldestQueuedSeconds: 660,
  newestQueuedSeconds: 20,
  agedTasks: 4,
  agedDags: 3,
  youngestAgedSeconds: 400,
};

export function work(
  groups: readonly WorkGroup[],
  overtaken: WorkFacts['overtaken'] = [],
): Extract<Look<WorkFacts>, { readonly kind: 'answered' }> {
  return { kind: 'answered', at: NOW, tookMs: 3, groups, overtaken, unread: null };
}

/** A scheduler that has been seen at work, and was last a quarter of an hour ago. */
export function aHandMemory(change: Partial<HandMemory> = {}): HandMemory {
  return {
    queuedAt: NOW - 15 * MINUTE,
    startedAt: NOW - 15 * MINUTE,
    queued: 40,
    passed: 0,
    passedMost: 1,
    countedAt: NOW - MINUTE,
    stuckSince: null,
    overtakenAt: null,
    ...change,
  };
}

export function looksOf(pods: readonly PodFact[], change: Partial<TargetLooks> = {}): TargetLooks {
  return {
    at: NOW,
    serverNow: NOW,
    pods,
    jobs: rows([aRow(2)]),
    progress: progress(),
    locks: null,
    replicas: null,
    own: {},
    urls: [],
    kubelet: null,
    workloads: {},
    ...change,
  };
}

export function judged(
  looks: TargetLooks,
  state: TargetState = NEW_STATE,
  target: Target = aTarget(),
): readonly Judged[] {
  return patientsOf(target, looks, state, looks.at).map((patient) => ({ patient, verdict: judge(patient) }));
}

export function patient(change: Partial<Patient> = {}): Patient {
  const [one] = patientsOf(aTarget(), looksOf([aPod()]), NEW_STATE, NOW);
  if (one === undefined) throw new Error('no patient');
  return { ...one, ...change };
}

/** A tick that looked at nobody. */
export const EMPTY_TICK: TickReport = {
  scheduledAt: NOW,
  targets: [],
  bad: [],
  staleSince: null,
  nothingDone: null,
  storm: false,
  undelivered: 0,
  waiting: [],
  defects: [],
};

export function beat(
  ageSeconds: number | null,
  source: 'database' | 'web' = 'database',
): Look<HeartbeatFacts> {
  const beatingForSeconds = source === 'database' ? 3_000 : null;
  return {
    kind: 'answered',
    at: NOW,
    tookMs: 5,
    source,
    sourceNow: NOW,
    ageSeconds,
    beatingForSeconds,
    jobId: 1,
    state: 'running',
  };
}

export function verdict(cause: Cause): Verdict {
  return { cause, why: `because of ${cause}`, rule: cause, needsMs: 0 };
}

export function aRemediation(change: Partial<Remediation> = {}): Remediation {
  return {
    uid: 'uid-airflow-scheduler-a',
    pod: 'airflow-scheduler-a',
    component: 'scheduler',
    cause: 'dead',
    why: 'heartbeat 94 s old',
    intendedAt: NOW - MINUTE,
    firstBadAt: NOW - MINUTE - 10 * SECOND,
    lastAliveAt: NOW - 2 * MINUTE,
    highestJobId: 1,
    knownUids: ['uid-airflow-scheduler-a'],
    attempts: 1,
    answer: { kind: 'deleted', status: 200, detail: 'taken', at: NOW - MINUTE },
    outcome: null,
    curedAt: null,
    ...change,
  };
}

/** Facts of a message where none matter. */
export const NO_DETAILS: Details = {
  about: { cause: 'dead', cluster: null, namespace: null, component: null, pod: null, node: null },
  fields: [],
  links: [],
};

/** Tasks that wait in a pool with room for them. */
export function aWaitingPool(change: Partial<PoolTasks> = {}): PoolTasks {
  return {
    state: 'scheduled',
    pool: 'default_pool',
    slots: 128,
    tasks: 3,
    dags: 2,
    slotsAsked: 3,
    oldestSeconds: 400,
    lastQueuedAgoSeconds: null,
    ...change,
  };
}

/** A tick in time that may act, of a fleet of nobody else. */
export const STEP_FACTS: StepFacts = {
  now: NOW,
  scheduledAt: NOW,
  lateMs: 0,
  slotMs: MINUTE,
  acting: true,
  picture: new Map(),
  fleet: NEW_FLEET,
  doubts: [],
  tasksRunning: {},
  channels: [],
};
