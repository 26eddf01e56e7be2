import type { Candidate } from '../core/decision.ts';
import { type Evidence, evidenceOf } from '../core/evidence.ts';
import { memorySlope } from '../core/look-brief.ts';
import { LIMITS } from '../core/policy.ts';
import type { Concluded } from '../core/step.ts';
import { type DurationMs, formatDuration } from '../core/time.ts';
import type { Clock, Cluster, Ports } from '../ports.ts';
import type { Begun } from './begun.ts';
import { blastRadiusOf } from './observe.ts';

/** Fetches and bounds what a removal rests on; null when nothing was seen. One deadline over everything: whatever hangs is left out. */
export async function capture(
  { target, looked, trail }: Begun,
  subject: Candidate,
  { state, guards }: Concluded,
  cluster: Cluster,
  ports: Ports,
): Promise<Evidence | null> {
  const { looks, judged } = looked;
  if (looks === null) return null;
  const { pod } = subject.patient;
  const deadlineMs = LIMITS.probeDeadlineMs;
  const options = { deadlineMs };
  const restarted = (pod.container?.restarts ?? 0) > 0;
  const parts = {
    logs: cluster.logs(target, pod, 'current', options),
    previousLogs: restarted ? cluster.logs(target, pod, 'previous', options) : null,
    events: cluster.events(target, pod, options),
    tasks: blastRadiusOf(subject.patient, target, ports.database, options),
  };
  const got = await within(parts, deadlineMs, ports.clock);
  return evidenceOf(subject, judged, looks, state, guards, trail, {
    logs: got.values.logs ?? null,
    previousLogs: got.values.previousLogs ?? null,
    events: got.values.events ?? null,
    tasks: got.values.tasks ?? null,
    memorySlope: memorySlope(looked.state.pods[pod.uid]?.memory ?? []),
    leftOut: got.leftOut,
  });
}

type Parts = Readonly<Record<string, Promise<unknown> | null>>;
type Values<P extends Parts> = { readonly [K in keyof P]?: Awaited<P[K]> };

/** What arrives in time, and a sentence for each thing that did not. Never rejects: evidence must not keep a removal from happening. */
async function within<P extends Parts>(
  parts: P,
  ms: DurationMs,
  clock: Clock,
): Promise<{ readonly values: Values<P>; readonly leftOut: readonly string[] }> {
  const values: Record<string, unknown> = {};
  const leftOut = new Map<string, string>();
  const names = Object.keys(parts);
  for (const name of names) leftOut.set(name, `${name}: not there within ${formatDuration(ms)}`);
  const all = Promise.all(
    names.map(async (name) => {
      try {
        values[name] = await parts[name];
        leftOut.delete(name);
      } catch (error) {
        leftOut.set(name, `${name}: ${Error.isError(error) ? error.message : String(error)}`);
      }
    }),
  );
  const over = new AbortController();
  await Promise.race([all, clock.sleep(ms, over.signal)]);
  over.abort();
  return { values: { ...values } as Values<P>, leftOut: [...leftOut.values()] };
}
