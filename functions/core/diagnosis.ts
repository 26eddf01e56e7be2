import { mayReconnectForMs } from './beat.ts';
import { asksForRestarts, type Verdict } from './cause.ts';
import { COMPONENT_TABLE } from './component.ts';
import { lockOf, silentOnSickNode, standsStill, workedSince } from './diagnosis-parts.ts';
import { ago, beat, type DiagnosisRow } from './diagnosis-row.ts';
import { isNodeWell, nodeText } from './node.ts';
import { isFresh, isStale, type Patient } from './patient.ts';
import { LIMITS } from './policy.ts';
import { STANDSTILL_ROWS } from './standstill-rows.ts';
import { MEMORY_ABOVE, probeStrain } from './strain.ts';
import { type DurationMs, formatDuration } from './time.ts';

const workLasts = ({ pod }: Patient): DurationMs => COMPONENT_TABLE[pod.component].workLastsMs;

export const DIAGNOSIS: readonly DiagnosisRow[] = [
  {
    id: 'terminating',
    cause: 'rolling-out',
    seen: 'the pod is being terminated: a SIGTERMed scheduler with running tasks looks exactly dead',
    match: ({ pod, serverNow }) =>
      pod.terminatingSince === null ? null : `terminating for ${ago(serverNow - pod.terminatingSince)}`,
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
    seen: 'heartbeat far in the future and not moving: a broken clock is no proof of life, nor of death',
    match: ({ beat, silentMs, limit }) => {
      if (silentMs === null || beat === null || beat.movedAt !== null) return null;
      const isAhead = beat.offsetMs < -limit.limitMs && beat.sourceNow - beat.at <= limit.limitMs;
      return isAhead ? `heartbeat ${ago(-beat.offsetMs)} in the future` : null;
    },
  },
  {
    id: 'lock-of-stranger',
    cause: 'database-down',
    seen: 'it waits for a lock, or passes by what a lasting transaction holds, and no peer of it has that: its replacement would meet the same lock',
    match: (patient) => lockOf(patient, 'stranger'),
  },
  {
    id: 'lock-of-peer',
    cause: 'contradictory',
    seen: 'it waits for the lock of a wedged peer, or passes by what a peer holds without end: the peer has to go, not this one',
    match: (patient) => lockOf(patient, 'wedged-peer'),
  },
  {
    id: 'lock-of-somebody',
    cause: 'contradictory',
    seen: 'a lock on what schedulers need is waited for, or held for long, and whose sessions these are is hidden from us',
    match: (patient) => lockOf(patient, 'unattributed'),
  },
  {
    id: 'stalled',
    cause: 'stalled',
    seen: 'heartbeat fresh, work is waiting, no trace of progress for the stall limit, no peer is stale',
    // A transaction that hides its age may be what excuses it: as long as it takes to know.
    lasts: ({ skipping }) => (skipping?.kind === 'untimed' ? LIMITS.heldLeastMs : 0),
    match: (patient) => {
      const standing = standsStill(patient, 'stalled');
      return standing === null ? null : `${standing}, limit ${formatDuration(patient.policy.stallLimitMs)}`;
    },
  },
  ...STANDSTILL_ROWS,
  {
    id: 'not-triggering',
    cause: 'not-triggering',
    seen: 'heartbeat of a triggerer fresh, triggers of deferred tasks are taken up by nobody for its limit, and it has room for them (before Airflow 3.2.2; since then such a one stops beating)',
    lasts: workLasts,
    match: (patient) => standsStill(patient, 'not-triggering'),
  },
  {
    id: 'not-parsing',
    cause: 'not-parsing',
    seen: 'heartbeat of a dag-processor fresh, no file of any bundle was parsed, nor failed to be, for far longer than the longest pause of its life',
    lasts: workLasts,
    match: (patient) => standsStill(patient, 'not-parsing'),
  },
  {
    id: 'starving',
    cause: 'starving',
    seen: 'exec probes cannot be started (kubelet throws the error away) and memory is near its limit, but it still schedules',
    lasts: ({ policy }) => policy.stallLimitMs,
    match: (patient) => {
      if (!isFresh(patient)) return null;
      const strain = probeStrain(patient, asksForRestarts(patient.policy));
      return strain === null ? null : `${beat(patient)}; ${strain}`;
    },
  },
  {
    id: 'fresh-but-503',
    cause: 'contradictory',
    seen: 'heartbeat fresh in the database, yet its own health server says unhealthy',
    match: (patient) => {
      const { silentMs, database } = patient;
      if (!isFresh(patient) || silentMs === null || silentMs > LIMITS.airflowHealthMs) return null;
      if (database.kind === 'recovering') return null;
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
      const { own, provenOwn } = patient;
      if (!isFresh(patient) || !provenOwn || own === null || own.kind !== 'unreachable') return null;
      return `${beat(patient)}, but its own health server is silent: ${own.detail}`;
    },
  },
  MEMORY_ABOVE,
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
    seen: 'DAG runs were decided long after the last heartbeat of any scheduler: somebody schedules',
    match: (patient) =>
      workedSince(patient, 'stalled', 'a loop that takes long, or a scheduler that the selector misses'),
  },
  {
    id: 'stale-but-parses',
    cause: 'contradictory',
    seen: 'files were parsed long after the last heartbeat of any dag-processor: its row is late, not its work',
    match: (patient) => workedSince(patient, 'not-parsing', 'its row is late, or the selector misses one'),
  },
  {
    id: 'no-row',
    cause: 'contradictory',
    seen: 'no heartbeat row can be told to belong to this pod (hostname_callable, migration wait)',
    match: ({ heartbeat, pod, beat }) =>
      heartbeat?.kind === 'answered' && heartbeat.ageSeconds === null && beat === null
        ? `no heartbeat is recorded for ${pod.name} since its container started`
        : null,
  },
  {
    id: 'stale-replica',
    cause: 'contradictory',
    seen: 'heartbeat stale, but read from a replica that has replayed nothing since: it is the copy that is late',
    match: (patient) => {
      const { replayedMsAgo, silentMs } = patient;
      if (!isStale(patient) || replayedMsAgo === null || silentMs === null) return null;
      if (replayedMsAgo < silentMs - LIMITS.togetherMs) return null;
      return `${beat(patient)}, but the replica we read has replayed nothing for ${ago(replayedMsAgo)}`;
    },
  },
  {
    id: 'node-not-ready',
    cause: 'node-sick',
    seen: 'it is silent, and its node is not ready: kubelet tells nothing, and could not carry out a removal either',
    lasts: ({ policy }) => policy.unreachableLimitMs,
    match: silentOnSickNode,
  },
  {
    id: 'companion-just-back',
    cause: 'contradictory',
    seen: 'another pod fell silent with it and beats again since a moment: what held that one may still hold this one',
    match: (patient) => {
      const { companionBack: back } = patient;
      if (!isStale(patient) || back === null) return null;
      return `${beat(patient)}, but ${back.pod} fell silent with it, and beats again since ${ago(back.agoMs)}`;
    },
  },
  {
    id: 'gone-from-instances',
    cause: 'dead',
    seen: "Airflow's own list of living instances no longer has this pod, which was in it before, for longer than the limit",
    lasts: ({ beat }) => mayReconnectForMs(beat),
    match: (patient) =>
      isStale(patient) && patient.heartbeat?.kind === 'answered' && patient.heartbeat.ageSeconds === null
        ? `${beat(patient)}; ${patient.pod.name} has left Airflow's list of living instances`
        : null,
  },
  {
    id: 'dead',
    cause: 'dead',
    seen: 'the database answers, the row of this very incarnation is older than the limit, nothing contradicts',
    // A living pod whose clock is behind shows it by its next beat.
    lasts: ({ beat }) => (beat?.clockKnown === false ? LIMITS.clockOffsetMs : mayReconnectForMs(beat)),
    match: (patient) => {
      if (!isStale(patient)) return null;
      const { own, kubelet } = patient;
      const notes = [beat(patient)];
      if (own?.kind === 'answered') notes.push(`its health server answers ${own.status}`);
      else if (own !== null) notes.push(`its health server: ${own.detail}`);
      const strain = kubelet === null ? null : probeStrain(patient, false);
      if (strain !== null) notes.push(strain);
      if (patient.node !== null && !isNodeWell(patient.node))
        notes.push(`its node has ${nodeText(patient.node)}`);
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
    lasts: () => LIMITS.ownUnhealthyMs,
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
    id: 'all-silent',
    cause: 'blind',
    seen: 'no heartbeat source; the health endpoints of all schedulers are silent at once: it is the path to them',
    match: ({ heartbeat, own, allSilent }) =>
      heartbeat === null && own?.kind === 'unreachable' && allSilent
        ? `the health servers of all schedulers are silent at once: ${own.detail}`
        : null,
  },
  {
    id: 'silent',
    cause: 'unreachable',
    seen: 'no heartbeat source; its own health endpoint is silent, the API server answers, it used to answer',
    lasts: ({ policy }) => policy.unreachableLimitMs,
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
    if (why !== null) return { cause: row.cause, why, rule: row.id, needsMs: row.lasts?.(patient) ?? 0 };
  }
  return { cause: 'blind', why: 'no row of the decision table matched', rule: 'none', needsMs: 0 };
}
