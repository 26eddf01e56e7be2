import type { Cause, Verdict } from './cause.ts';
import { ageMsOf, type Patient } from './patient.ts';
import { LIMITS } from './policy.ts';
import { formatDuration, SECOND_MS } from './time.ts';

/** One row of the decision table; the first that matches names the cause. docs/diagnosis.md is printed from these rows. */
export interface DiagnosisRow {
  readonly id: string;
  readonly cause: Cause;
  /** What an operator would see. */
  readonly seen: string;
  /** The sentence with the numbers, or null when the row does not match. */
  readonly match: (patient: Patient) => string | null;
}

export const DIAGNOSIS: readonly DiagnosisRow[] = [
  {
    id: 'terminating',
    cause: 'rolling-out',
    seen: 'the pod is being terminated: a SIGTERMed scheduler with running tasks looks exactly dead',
    match: ({ pod, now }) =>
      pod.terminatingSince === null ? null : `terminating for ${ago(now - pod.terminatingSince)}`,
  },
  {
    id: 'database-path',
    cause: 'blind',
    seen: 'the database cannot be reached or read from here, yet Airflow itself reaches it',
    match: ({ database, own, databaseProvedUp }) => {
      if (database.kind !== 'down' && database.kind !== 'unreadable') return null;
      const airflowReaches = databaseProvedUp || (own?.kind === 'answered' && own.says === 'healthy');
      return airflowReaches ? `only we cannot read the database: ${database.why}` : null;
    },
  },
  {
    id: 'database-down',
    cause: 'database-down',
    seen: 'the metadata database does not answer; schedulers may crash over and over meanwhile',
    match: ({ database }) => (database.kind === 'down' ? database.why : null),
  },
  {
    id: 'rollout',
    cause: 'rolling-out',
    seen: 'its workload is in the middle of a rollout',
    match: ({ workload }) => (workload?.kind === 'answered' ? workload.rollingOut : null),
  },
  {
    id: 'not-running',
    cause: 'starting',
    seen: 'its container does not run: kubelet is busy with it',
    match: ({ pod }) => {
      if (pod.phase === 'Running' && pod.container?.state === 'running') return null;
      const container = pod.container;
      if (container === null) return `pod is ${pod.phase}, its container is not there yet`;
      return `pod is ${pod.phase}, container ${container.state}${container.reason === null ? '' : ` (${container.reason})`}, ${container.restarts} restart(s)`;
    },
  },
  {
    id: 'future-heartbeat',
    cause: 'contradictory',
    seen: 'heartbeat far in the future: a broken clock is no proof of life, nor of death',
    match: ({ heartbeat, limit }) => {
      const age = ageMsOf(heartbeat);
      return age !== null && age < -limit.limitMs ? `heartbeat ${ago(-age)} in the future` : null;
    },
  },
  {
    id: 'stalled',
    cause: 'stalled',
    seen: 'heartbeat fresh, work is waiting, no trace of progress for the stall limit, no peer is stale',
    match: (patient) => {
      const { pod, motion, ageMs, policy, stalePeer, database } = patient;
      if (!isFresh(patient) || pod.component !== 'scheduler' || motion?.kind !== 'waiting') return null;
      // A young scheduler has not had the time; behind a stale peer's locks a living one can do nothing.
      if (ageMs <= Math.max(policy.startupGraceMs, policy.stallLimitMs) || stalePeer) return null;
      if (database.kind === 'recovering' || database.kind === 'locked') return null;
      return `${beat(patient)}; ${motion.why}, limit ${formatDuration(policy.stallLimitMs)}`;
    },
  },
  {
    id: 'starving',
    cause: 'starving',
    seen: 'exec probes cannot be started (kubelet throws the error away) and memory is near its limit, but it still schedules',
    match: (patient) => {
      if (!isFresh(patient)) return null;
      const strain = probeStrain(patient);
      return strain === null ? null : `${beat(patient)}; ${strain}`;
    },
  },
  {
    id: 'fresh-but-503',
    cause: 'contradictory',
    seen: 'heartbeat fresh in the database, yet its own health server says unhealthy',
    match: (patient) => {
      const age = ageMsOf(patient.heartbeat);
      if (
        !isFresh(patient) ||
        age === null ||
        age > LIMITS.airflowHealthMs ||
        patient.database.kind === 'recovering'
      )
        return null;
      const { own } = patient;
      return own?.kind === 'answered' && own.says === 'unhealthy'
        ? `${beat(patient)}, but its own health server answers ${own.status}`
        : null;
    },
  },
  {
    id: 'fresh-but-silent',
    cause: 'contradictory',
    seen: 'heartbeat fresh in the database, yet its own health server, which used to answer, is silent',
    match: (patient) => {
      const { own, provenHttp } = patient;
      if (!isFresh(patient) || provenHttp !== 'scheduler' || own === null || own.kind !== 'unreachable')
        return null;
      return `${beat(patient)}, but its own health server is silent: ${own.detail}`;
    },
  },
  {
    id: 'idle',
    cause: 'idle',
    seen: 'heartbeat fresh, and there is no work',
    match: (patient) =>
      isFresh(patient) && patient.motion?.kind === 'idle' ? `${beat(patient)}; ${patient.motion.why}` : null,
  },
  {
    id: 'fresh',
    cause: 'healthy',
    seen: 'heartbeat fresh; work moves, or nothing says that it does not',
    match: (patient) =>
      isFresh(patient) ? `${beat(patient)}${patient.motion === null ? '' : `; ${patient.motion.why}`}` : null,
  },
  {
    id: 'database-locked',
    cause: 'database-down',
    seen: "Airflow's tables are locked (a migration, LOCK TABLE): the loop hangs on the lock, not on itself",
    match: ({ database }) => (database.kind === 'locked' ? database.why : null),
  },
  {
    id: 'stopped-together',
    cause: 'database-down',
    seen: 'all schedulers, or all components, stopped beating at the same moment',
    match: ({ database }) => (database.kind === 'shared-stop' ? database.why : null),
  },
  {
    id: 'database-recovering',
    cause: 'database-down',
    seen: 'the database came back only just now: every healthy scheduler looks dead for seconds',
    match: ({ database }) => (database.kind === 'recovering' ? database.why : null),
  },
  {
    id: 'database-unreadable',
    cause: 'blind',
    seen: 'the database answers, but not to this question: credentials, grants, schema',
    match: ({ database }) => (database.kind === 'unreadable' ? database.why : null),
  },
  {
    id: 'starting',
    cause: 'starting',
    seen: 'the container is younger than the start-up grace',
    match: ({ ageMs, policy, own, heartbeat }) => {
      if (ageMs >= policy.startupGraceMs) return null;
      if (heartbeat === null && own?.kind === 'answered' && own.says === 'healthy') return null;
      return `container is ${ago(ageMs)} old, start-up grace ${formatDuration(policy.startupGraceMs)}`;
    },
  },
  {
    id: 'stale-but-200',
    cause: 'contradictory',
    seen: 'heartbeat stale where we read it, fresh where its own health server reads it: a lagging replica, or a raised threshold',
    match: (patient) => {
      const { own } = patient;
      if (!isStale(patient) || own?.kind !== 'answered' || own.says !== 'healthy') return null;
      return `${beat(patient)}, but its own health server says healthy; do we read a replica?`;
    },
  },
  {
    id: 'stale-but-decides',
    cause: 'contradictory',
    seen: 'no scheduler has a fresh heartbeat, yet DAG runs are being decided: somebody schedules',
    match: (patient) => {
      const { motion, pod, freshPeer, limit } = patient;
      if (!isStale(patient) || pod.component !== 'scheduler' || freshPeer || motion?.kind !== 'moving')
        return null;
      const decidedAgo = motion.decidedAgoSeconds;
      if (decidedAgo === null || decidedAgo * SECOND_MS > limit.limitMs / 3) return null;
      return `${beat(patient)}, but ${motion.why}; does the selector miss a scheduler?`;
    },
  },
  {
    id: 'no-row',
    cause: 'contradictory',
    seen: 'no heartbeat row can be told to belong to this pod (hostname_callable, migration wait)',
    match: (patient) => {
      const { heartbeat, pod, seenBeating } = patient;
      if (heartbeat?.kind !== 'answered' || heartbeat.ageSeconds !== null) return null;
      if (heartbeat.source === 'web' && seenBeating) return null;
      return `no heartbeat is recorded for ${pod.name} since its container started`;
    },
  },
  {
    id: 'gone-from-instances',
    cause: 'dead',
    seen: "Airflow's own list of living instances no longer has this pod, which was in it before",
    match: ({ heartbeat, pod }) =>
      heartbeat?.kind === 'answered' && heartbeat.ageSeconds === null
        ? `${pod.name} has left Airflow's list of living instances`
        : null,
  },
  {
    id: 'dead',
    cause: 'dead',
    seen: 'the database answers, the row of this very incarnation is older than the limit, nothing contradicts',
    match: (patient) => {
      if (!isStale(patient)) return null;
      const { own, kubelet } = patient;
      const notes = [beat(patient)];
      if (own?.kind === 'answered') notes.push(`its health server answers ${own.status}`);
      else if (own !== null) notes.push(`its health server: ${own.detail}`);
      const strain = kubelet === null ? null : probeStrain(patient);
      if (strain !== null) notes.push(strain);
      return notes.join('; ');
    },
  },
  {
    id: 'own-healthy',
    cause: 'healthy',
    seen: 'no heartbeat source, its own health server says healthy',
    match: ({ heartbeat, own }) =>
      heartbeat === null && own?.kind === 'answered' && own.says === 'healthy'
        ? `its own health server answers ${own.status}`
        : null,
  },
  {
    id: 'own-503-database-up',
    cause: 'dead',
    seen: 'no heartbeat source, its own health server says unhealthy while a peer or the web server proves the database',
    match: ({ heartbeat, own, databaseProvedUp }) =>
      heartbeat === null && own?.kind === 'answered' && own.says === 'unhealthy' && databaseProvedUp
        ? `its own health server answers ${own.status} while Airflow reaches its database`
        : null,
  },
  {
    id: 'own-503',
    cause: 'blind',
    seen: 'no heartbeat source, its own health server says unhealthy: a database outage looks the same',
    match: ({ heartbeat, own }) =>
      heartbeat === null && own?.kind === 'answered'
        ? `its own health server answers ${own.status}, which a database outage does too; configure database: or a web health url`
        : null,
  },
  {
    id: 'silent',
    cause: 'unreachable',
    seen: 'no heartbeat source; its own health endpoint is silent, the API server answers, it used to answer',
    match: ({ heartbeat, own }) =>
      heartbeat === null && own?.kind === 'unreachable' && SILENCES.has(own.cause)
        ? `its own health server: ${own.detail}`
        : null,
  },
  {
    id: 'no-witness',
    cause: 'blind',
    seen: 'no witness speaks of this pod',
    match: ({ own, web, pod }) => {
      const silent = [own, ...web].find((look) => look !== null && look.kind !== 'answered');
      if (silent != null) return silent.detail;
      return `no signal speaks of this ${pod.component} alone; configure database:`;
    },
  },
];

/** Silence that may be the pod's own; a throttled API server, DNS or TLS faults are ours or the network's. */
const SILENCES: ReadonlySet<string> = new Set(['timeout', 'refused', 'reset', 'no-route']);

/** Names the one cause of a pod's looks. Pure: the clock is in the patient. */
export function judge(patient: Patient): Verdict {
  for (const row of DIAGNOSIS) {
    const why = row.match(patient);
    if (why !== null) return { cause: row.cause, why, rule: row.id };
  }
  return { cause: 'blind', why: 'no row of the decision table matched', rule: 'none' };
}

function isFresh(patient: Patient): boolean {
  const age = ageMsOf(patient.heartbeat);
  return age !== null && age <= patient.limit.limitMs;
}

function isStale(patient: Patient): boolean {
  const age = ageMsOf(patient.heartbeat);
  return age !== null && age > patient.limit.limitMs;
}

function beat({ heartbeat, limit }: Patient): string {
  const age = ageMsOf(heartbeat) ?? 0;
  return `heartbeat ${(age / SECOND_MS).toFixed(1)} s old, limit ${formatDuration(limit.limitMs)}`;
}

/** Fresh probe errors together with memory near its limit, or memory that cannot be read. */
function probeStrain({ kubelet, now, pod }: Patient): string | null {
  const began = pod.container?.runningSince ?? pod.createdAt;
  const fresh = kubelet?.probes.filter(
    (event) => event.lastAt >= began && now - event.lastAt <= LIMITS.probeEventFreshMs,
  );
  const worst =
    fresh?.find((event) => event.kind === 'errored') ??
    fresh?.find((event) => /timed out/.test(event.message));
  if (kubelet == null || worst === undefined) return null;
  const memory = kubelet.memory;
  if (memory?.limitBytes != null && memory.workingSetBytes / memory.limitBytes < LIMITS.memoryNearShare)
    return null;
  const held =
    memory === null
      ? `memory unreadable (${kubelet.memoryDetail ?? 'not asked'})`
      : memory.limitBytes === null
        ? `memory ${mebibytes(memory.workingSetBytes)}, no limit`
        : `memory ${mebibytes(memory.workingSetBytes)} of ${mebibytes(memory.limitBytes)}`;
  return `exec probe ${worst.kind} ${ago(now - worst.lastAt)} ago ("${gist(worst.message)}"), ${held}`;
}

/** A probe event without the words that all of them begin with. */
function gist(message: string): string {
  const told = message.replace(/^.*?probe (errored and resulted in unknown state|errored|failed): /, '');
  return told.replace(/^rpc error: code = \w+ desc = (failed to exec in container: )?/, '').slice(0, 160);
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

function ago(ms: number): string {
  return formatDuration(Math.max(0, ms));
}
