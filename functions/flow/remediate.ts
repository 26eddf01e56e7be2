import { addAnswer, addIntent } from '../core/advance.ts';
import { candidateOf, type Decision, type Judged, targetHold } from '../core/decision.ts';
import { evidenceOf } from '../core/evidence.ts';
import { ageMsOf } from '../core/patient.ts';
import type { RemovalAnswer } from '../core/pod.ts';
import { LIMITS } from '../core/policy.ts';
import type { TargetState } from '../core/state.ts';
import { isoOf } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { changeTarget } from './documents.ts';
import { observe } from './observe.ts';
import {
  announce,
  decideOn,
  type Fleet,
  lostRace,
  note,
  type Round,
  recordOutcomes,
  saveRound,
  type Tick,
} from './round.ts';

type Removal = Decision & { readonly kind: 'remove' };

interface Done {
  readonly round: Pick<Round, 'state' | 'judged' | 'lookCount'>;
  readonly decision: Decision;
}

/** Look once more → intent → evidence → delete → answer. A crash between any two of these repeats nothing harmful. */
export async function remediate(
  round: Round,
  decision: Removal,
  ask: { readonly fleet: Fleet; readonly tick: Tick; readonly version: number },
  ports: Ports,
): Promise<Done> {
  const { target } = round;
  const { fleet, tick } = ask;
  ports.progress({
    target: target.id,
    text: `${decision.pod} is ${decision.cause}; looking once more before removing it`,
  });
  const last = await confirm(round, decision, fleet, tick, ports);
  if (last.decision.kind !== 'remove') return keep(last.round, last.decision, ask, ports);

  const now = ports.clock.now();
  const subject = last.round.judged.find(({ patient }) => patient.pod.uid === decision.uid);
  if (subject === undefined) return keep(last.round, { kind: 'rest' }, ask, ports);
  const intended = addIntent(last.round.state, decision, {
    why: subject.verdict.why,
    now,
    ...origins(last.round, subject, now),
  });
  const announced = announce({ ...last.round, state: intended }, decision, fleet, tick, now);
  if ((await ports.state.save(target.id, announced, ask.version)) === 'conflict') {
    return { round: last.round, decision: lostRace() };
  }
  await recordOutcomes(round, now, ports);
  const evidence = await capture(last.round, subject, announced, ports);
  const incident = announced.incident?.id ?? null;
  const subjectFacts = {
    pod: decision.pod,
    uid: decision.uid,
    component: decision.component,
    cause: decision.cause,
  };
  await ports.state.append({
    target: target.id,
    at: now,
    kind: 'intent',
    body: { tick: isoOf(tick.scheduledAt), incident, ...subjectFacts, why: subject.verdict.why, evidence },
  });
  const answer = await last.round.cluster.remove(
    target,
    { name: decision.pod, uid: decision.uid },
    { deadlineMs: LIMITS.probeDeadlineMs },
  );
  ports.progress({ target: target.id, text: `${decision.pod}: ${answer.kind} (${answer.detail})` });
  const state = await saveAnswer(
    last.round,
    { ...decision, answer: answer.kind },
    answer,
    fleet,
    tick,
    ports,
  );
  await ports.state.append({
    target: target.id,
    at: ports.clock.now(),
    kind: 'removal',
    body: { incident, ...subjectFacts, answer },
  });
  return { round: { ...last.round, state }, decision: { ...decision, answer: answer.kind } };
}

/** The last look on fresh connections: the same pod must still be the one to go, and every guard must still agree. */
async function confirm(round: Round, decision: Removal, fleet: Fleet, tick: Tick, ports: Ports) {
  const observed = await observe(round.target, round.state, ports, true);
  const state = note(round.target, round.state, observed, ports.clock.now());
  if (observed.kind === 'blind')
    return { round: { ...round, state, judged: [] }, decision: targetHold('blind', observed.why) };
  const again: Round = { ...round, ...observed, state, lookCount: round.lookCount + 1 };
  const candidate = candidateOf(again.judged, state);
  // The guards speak of one pod; another one that has become the first choice has its turn in the next tick.
  const still = candidate?.patient.pod.uid === decision.uid && candidate.cause === decision.cause;
  return {
    round: again,
    decision: still ? await decideOn(again, fleet, tick, ports) : ({ kind: 'rest' } as const),
  };
}

/** The last look changed the picture: nothing is removed, what was seen is kept. */
async function keep(
  round: Round,
  decision: Decision,
  { fleet, tick, version }: { readonly fleet: Fleet; readonly tick: Tick; readonly version: number },
  ports: Ports,
): Promise<Done> {
  const kept = await saveRound(round, decision, fleet, tick, ports, version);
  return { round: { ...round, state: kept.state }, decision: kept.decision };
}

function origins(round: Round, subject: Judged, now: number) {
  const age = ageMsOf(subject.patient.heartbeat);
  const rows = round.looks.jobs?.kind === 'answered' ? round.looks.jobs.rows : [];
  return {
    lastAliveAt: age === null ? null : now - age,
    highestJobId: rows.length === 0 ? null : Math.max(...rows.map((row) => row.id)),
    knownUids: round.judged.map(({ patient }) => patient.pod.uid),
  };
}

async function capture(round: Round, subject: Judged, state: TargetState, ports: Ports) {
  const { target, cluster, looks, judged } = round;
  const { pod, heartbeat } = subject.patient;
  const options = { deadlineMs: LIMITS.probeDeadlineMs };
  const jobId = heartbeat?.kind === 'answered' ? heartbeat.jobId : null;
  const restarted = (pod.container?.restarts ?? 0) > 0;
  const [logs, previousLogs, blastRadius] = await Promise.all([
    cluster.logs(target, pod, 'current', options),
    restarted ? cluster.logs(target, pod, 'previous', options) : null,
    jobId === null || target.database === null ? null : ports.database.blastRadius(target, jobId, options),
  ]);
  return evidenceOf(subject, judged, looks, state, { logs, previousLogs, blastRadius });
}

/** The answer is applied to whatever the state is by now: a pause that came in between must not lose it. */
async function saveAnswer(
  round: Round,
  decision: Decision,
  answer: RemovalAnswer,
  fleet: Fleet,
  tick: Tick,
  ports: Ports,
): Promise<TargetState> {
  const { state } = await changeTarget(ports.state, round.target.id, (current) => {
    const now = ports.clock.now();
    return announce(
      { ...round, state: addAnswer(current, decision.kind === 'remove' ? decision.uid : '', answer, now) },
      decision,
      fleet,
      tick,
      now,
    );
  });
  return state;
}
