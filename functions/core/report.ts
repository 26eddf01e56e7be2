import { type Cause, rowOfCause } from './cause.ts';
import type { Condition } from './condition.ts';
import type { Decision, Judged } from './decision.ts';
import type { MemoryForecast } from './memory-trend.ts';
import type { OutboxEntry } from './notification.ts';
import type { LastLine, Look } from './observation.ts';
import type { BadDocument } from './target.ts';
import { type EpochMs, isoOf, SECOND_MS } from './time.ts';

/** One line per target and tick: the public JSON of `check` and `watch`. */
export interface TargetReport {
  readonly target: string;
  /** ISO time for which the tick was scheduled. */
  readonly tick: string;
  readonly lookedForMs: number;
  readonly looks: number;
  readonly pods: readonly PodReport[];
  readonly decision: Decision;
  readonly incident: string | null;
  /** All that is the matter now, told or not yet. */
  readonly conditions: readonly Pick<Condition, 'subject' | 'kind' | 'since' | 'severity' | 'title'>[];
  /** Who holds all removals, why and until when (ISO), whether or not there is anything to remove. */
  readonly pause: { readonly by: string; readonly reason: string; readonly until: string } | null;
  /** Why this tick doubts itself; empty when it does not. */
  readonly self: readonly string[];
  /** Present when the target as a whole could not be judged. */
  readonly blind?: string;
}

export interface PodReport {
  readonly component: string;
  readonly pod: string;
  readonly uid: string;
  readonly cause: Cause;
  readonly why: string;
  readonly rule: string;
  readonly streak: number;
  readonly signals: Readonly<Record<string, unknown>>;
  /** When its memory limit is reached if memory climbs on as it did; left out where that is not foretold. */
  readonly memoryFullInSeconds?: number;
}

/** What one tick came to. */
export interface TickReport {
  readonly scheduledAt: EpochMs;
  readonly targets: readonly TargetReport[];
  readonly bad: readonly BadDocument[];
  /** When the list in use was read, if it could not be read now. */
  readonly staleSince: EpochMs | null;
  /** Set when the whole list could not be used; nothing was done then. */
  readonly nothingDone: {
    readonly code: string;
    readonly what: string;
    readonly notDone: string;
    readonly run: string;
  } | null;
  readonly storm: boolean;
  readonly undelivered: number;
  /** What is not delivered yet, with its channel and reason; the first MOST_WAITING of them. */
  readonly waiting: readonly Undelivered[];
  /** Our own defects, one sentence each; the other targets were done all the same. */
  readonly defects: readonly string[];
}

/** An alert that its channel has not taken yet. */
export interface Undelivered {
  readonly target: string;
  readonly channel: string;
  readonly title: string;
  /** null: it was not tried yet, since another one of its incident goes before it. */
  readonly detail: string | null;
}

/** A line of a report stays readable. */
const MOST_WAITING = 20;

export function undeliveredOf(entries: readonly OutboxEntry[]): readonly Undelivered[] {
  return entries.slice(0, MOST_WAITING).map(({ notification, channel, lastDetail }) => ({
    target: notification.target,
    channel,
    title: notification.title,
    detail: lastDetail,
  }));
}

export function podReport(
  { patient, verdict }: Judged,
  streak: number,
  forecast: MemoryForecast | null = null,
): PodReport {
  const { pod, heartbeat, limit, own, web, motion, kubelet, lastLine, node, serverNow } = patient;
  const http = own ?? web[0] ?? null;
  return {
    component: pod.component,
    pod: pod.name,
    uid: pod.uid,
    cause: verdict.cause,
    why: verdict.why,
    rule: verdict.rule,
    streak,
    signals: {
      ...(heartbeat === null
        ? {}
        : { heartbeat: { ...brief(heartbeat), limitSeconds: limit.limitMs / SECOND_MS } }),
      ...(http === null ? {} : { http: brief(http) }),
      ...(motion === null ? {} : { progress: { ...motion, kind: 'answered', motion: motion.kind } }),
      ...(lastLine === null ? {} : { log: logBrief(lastLine, serverNow) }),
      ...(node === null ? {} : { node: { kind: 'answered', name: pod.node, ...node } }),
      kubelet: {
        kind: 'answered',
        phase: pod.phase,
        restarts: pod.container?.restarts ?? 0,
        ready: pod.container?.ready ?? false,
        lastTermination: pod.container?.lastTermination ?? null,
        probeEvents: kubelet?.probes.slice(0, 5) ?? [],
        memory: kubelet?.memory ?? null,
        ...(kubelet?.memoryDetail == null ? {} : { memoryDetail: kubelet.memoryDetail }),
      },
    },
    ...(forecast === null ? {} : { memoryFullInSeconds: Math.round(forecast.fullInMs / SECOND_MS) }),
  };
}

function logBrief(look: Look<LastLine>, serverNow: EpochMs): Record<string, unknown> {
  if (look.kind !== 'answered') return brief(look);
  const { lineAt } = look;
  return {
    kind: 'answered',
    lastLineSecondsAgo: lineAt === null ? null : Math.max(0, Math.round((serverNow - lineAt) / SECOND_MS)),
  };
}

function brief(look: { readonly kind: string }): Record<string, unknown> {
  const {
    at: _at,
    components: _components,
    ...facts
  } = look as Record<string, unknown> & { readonly kind: string };
  return facts;
}

/** 0 nothing wrong · 1 something is wrong with a target · 2 nothing was done · 3 a target could not be judged · 70 a defect of ours. */
export function exitCodeOf(report: TickReport): 0 | 1 | 2 | 3 | 70 {
  if (report.defects.length > 0) return 70;
  if (report.nothingDone !== null) return 2;
  const causes = report.targets.flatMap((target) => target.pods.map((pod) => pod.cause));
  const codes = new Set(causes.map((cause) => rowOfCause(cause).exitCode));
  if (codes.has(1) || report.targets.some(({ decision }) => isWrong(decision))) return 1;
  const blind = report.targets.some(
    (target) => target.blind !== undefined || target.decision.kind === 'hold',
  );
  return blind || codes.has(3) || report.bad.length > 0 ? 3 : 0;
}

function isWrong(decision: Decision): boolean {
  return decision.kind === 'remove' || (decision.kind === 'hold' && decision.code !== 'blind');
}

export interface TickSummary {
  readonly tick: string;
  readonly targets: number;
  readonly removed: number;
  readonly held: number;
  readonly undelivered: number;
}

export function tickSummary(report: TickReport): TickSummary {
  const count = (kind: Decision['kind']) =>
    report.targets.filter(({ decision }) => decision.kind === kind).length;
  return {
    tick: isoOf(report.scheduledAt),
    targets: report.targets.length,
    removed: count('remove'),
    held: count('hold'),
    undelivered: report.undelivered,
  };
}

/** Why a tick as a whole failed, or null. A sick target is no failure of the tick. */
export function describeProblems(report: TickReport): string | null {
  if (report.nothingDone !== null) {
    const { code, what, notDone, run } = report.nothingDone;
    return `${code}: ${what}; ${notDone}. ${run}`;
  }
  return report.defects.length === 0 ? null : `WD_INTERNAL: ${report.defects.join('\n')}`;
}
