import type { Candidate } from '../core/decision.ts';
import { storyNow, storyOfStep } from '../core/flapping.ts';
import { incidentId } from '../core/incident.ts';
import type { RemovalAnswer } from '../core/pod.ts';
import { LIMITS } from '../core/policy.ts';
import { hadNoEffect } from '../core/remediation.ts';
import type { TargetState } from '../core/state.ts';
import { answered, type Concluded } from '../core/step.ts';
import { isoOf } from '../core/time.ts';
import type { Cluster } from '../ports.ts';
import type { Begun } from './begun.ts';
import { capture } from './capture.ts';
import { LOST_RACE, recordLooks, recordOutcomes, recordTold, type Saved } from './save.ts';
import { changeTarget } from './saved-state.ts';
import type { TickContext } from './tick.ts';

/** Intent → evidence → delete → answer. A crash between any two of these repeats nothing harmful. */
export async function remediate(
  begun: Begun,
  concluded: Concluded,
  subject: Candidate,
  cluster: Cluster,
  tick: TickContext,
): Promise<Saved> {
  const { target, version, before } = begun;
  const { ports } = tick;
  const { decision, state } = concluded;
  if (decision.kind !== 'remove') return { state, decision };
  if ((await ports.state.save(target.id, state, version)) === 'conflict')
    return { state: begun.looked.state, decision: LOST_RACE };
  await recordOutcomes(target.id, concluded.settled, storyOfStep(before, state), tick);
  await recordTold(target.id, before, state, tick);
  const { pod, uid, component, cause, why } = decision;
  const facts = { pod, uid, component, cause };
  // What Kubernetes refused before is tried each minute; its evidence was kept with the first try.
  const refused = before.remediations.some((past) => past.uid === uid && hadNoEffect(past));
  const evidence = refused ? null : await capture(begun, subject, concluded, cluster, ports);
  // The incident that the answer opens has this very id.
  const { routing } = state;
  const incident =
    storyNow(routing, state.incident) ??
    routing.flapping?.incident ??
    incidentId(target.id, tick.scheduledAt);
  await ports.state.append({
    target: target.id,
    at: ports.clock.now(),
    kind: 'intent',
    body: { tick: isoOf(tick.key), incident, ...facts, why, evidence },
  });
  const answer = await cluster.remove(target, { name: pod, uid }, { deadlineMs: LIMITS.probeDeadlineMs });
  ports.progress({ target: target.id, text: `${pod}: ${answer.kind} (${answer.detail})` });
  const saved = await saveAnswer(begun, concluded, answer, tick);
  await ports.state.append({
    target: target.id,
    at: ports.clock.now(),
    kind: 'removal',
    body: { incident: storyNow(saved.routing, saved.incident), ...facts, answer },
  });
  await recordTold(target.id, state, saved, tick);
  await recordLooks(begun, tick);
  return { state: saved, decision: { ...decision, answer: answer.kind } };
}

/** The answer is applied to whatever the state is by now: a pause that came in between must not lose it. */
async function saveAnswer(
  { target }: Begun,
  concluded: Concluded,
  answer: RemovalAnswer,
  tick: TickContext,
): Promise<TargetState> {
  const { state } = await changeTarget(tick.ports.state, target.id, (current) =>
    answered(concluded, current, answer, tick.stepFacts(target, {})),
  );
  return state;
}
