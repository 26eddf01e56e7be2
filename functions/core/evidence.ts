import type { Judged } from './decision.ts';
import type { BlastRadius, Look } from './observation.ts';
import type { TargetLooks } from './patient.ts';
import { podReport } from './report.ts';
import type { TargetState } from './state.ts';

/** The bounded, redacted facts that justify a removal, kept before it happens. */
export function evidenceOf(
  subject: Judged,
  all: readonly Judged[],
  looks: TargetLooks,
  state: TargetState,
  extra: {
    readonly logs: Look<{ readonly lines: readonly string[] }> | null;
    readonly previousLogs: Look<{ readonly lines: readonly string[] }> | null;
    readonly blastRadius: Look<BlastRadius> | null;
  },
): Readonly<Record<string, unknown>> {
  const { patient, verdict } = subject;
  const streakOf = (uid: string) => state.pods[uid]?.streak?.count ?? 0;
  return {
    rule: verdict.rule,
    why: verdict.why,
    limit: patient.limit,
    policy: patient.policy,
    pod: podReport(subject, streakOf(patient.pod.uid)),
    container: patient.pod.container,
    probeEvents: patient.kubelet?.probes ?? [],
    memory: patient.kubelet?.memory ?? null,
    memoryDetail: patient.kubelet?.memoryDetail ?? null,
    peers: all
      .filter((other) => other.patient.pod.uid !== patient.pod.uid)
      .map((other) => podReport(other, streakOf(other.patient.pod.uid))),
    jobs: looks.jobs?.kind === 'answered' ? looks.jobs.rows.slice(0, 20) : looks.jobs,
    progress: looks.progress,
    urls: looks.urls,
    tasks: extra.blastRadius,
    logs: extra.logs,
    previousLogs: extra.previousLogs,
    beat: patient.beat,
    waiting: patient.waiting,
    locks: looks.locks,
    learnedAges: state.ages[patient.pod.component] ?? null,
  };
}
