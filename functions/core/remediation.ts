import type { RemovableCause } from './cause.ts';
import type { RemovalAnswer } from './pod.ts';
import type { ComponentName } from './target.ts';
import type { EpochMs } from './time.ts';

/** One story: intent, Kubernetes' answer, outcome. The intent is saved before anything is deleted. */
export interface Remediation {
  readonly uid: string;
  readonly pod: string;
  readonly component: ComponentName;
  readonly cause: RemovableCause;
  /** Where it ran; null or left out where that is not known. */
  readonly node?: string | null;
  readonly why: string;
  readonly intendedAt: EpochMs;
  /** First bad look of the streak, for the time to detect. */
  readonly firstBadAt: EpochMs;
  /** When the pod last showed life, where a witness knows. */
  readonly lastAliveAt: EpochMs | null;
  /** Highest `job.id` known at the time of the intent: only a higher one is a new row. */
  readonly highestJobId: number | null;
  /** Pods of the component at that time: a pod with another uid is the replacement. */
  readonly knownUids: readonly string[];
  readonly attempts: number;
  readonly answer: (RemovalAnswer & { readonly at: EpochMs }) | null;
  readonly outcome: Outcome | null;
  /** When the component was well again after a removal that had not cured it; null until then. */
  readonly curedAt: EpochMs | null;
}

export interface Outcome {
  readonly kind: 'recovered' | 'not-recovered' | 'stuck-terminating';
  readonly at: EpochMs;
  readonly detail: string;
  readonly replacement: string | null;
}

/** What the present looks show of a removal. */
export interface Aftermath {
  readonly now: EpochMs;
  readonly oldPod: 'there' | 'terminating' | 'gone';
  readonly oldGraceMs: number;
  readonly replacement: {
    readonly name: string;
    readonly uid: string;
    readonly running: boolean;
    /** null: no heartbeat source. */
    readonly newRow: boolean | null;
    readonly freshHeartbeat: boolean | null;
    /** null: unknown or not watched. */
    readonly workMoves: boolean | null;
    readonly healthy: boolean;
  } | null;
}

/** The API server took the removal, or the pod is gone without us. */
export function tookEffect(remediation: Remediation): boolean {
  const kind = remediation.answer?.kind;
  return kind === 'deleted' || kind === 'already-gone' || kind === 'replaced';
}

/**
 * Kubernetes said no, or was never asked: nothing was removed, and nothing will be by this. What was not answered, or failed on the
 * server's side, may still take effect.
 */
export function hadNoEffect({ answer }: Remediation): boolean {
  if (answer === null) return false;
  if (answer.kind === 'forbidden' || answer.unsent === true) return true;
  return answer.kind === 'failed' && answer.status !== null && answer.status >= 400 && answer.status < 500;
}

/**
 * Whether the looks prove an outcome. Recovered needs everything at once: a new uid, running, a new job row, a fresh
 * heartbeat, and work that moves as far as that is watched.
 */
export function settle(
  remediation: Remediation,
  aftermath: Aftermath,
  limits: { readonly recoveryLimitMs: number; readonly stuckTerminatingMs: number },
): Outcome | null {
  if (remediation.outcome !== null || !tookEffect(remediation)) return null;
  const { now, replacement, oldPod, oldGraceMs } = aftermath;
  const since = now - (remediation.answer?.at ?? remediation.intendedAt);
  if (replacement !== null && isProved(replacement)) {
    const note = oldPod === 'terminating' ? '; the old pod is still terminating' : '';
    return {
      kind: 'recovered',
      at: now,
      detail: `${replacement.name} runs, beats and works${note}`,
      replacement: replacement.name,
    };
  }
  if (oldPod === 'terminating' && since > oldGraceMs + limits.stuckTerminatingMs && replacement === null) {
    return {
      kind: 'stuck-terminating',
      at: now,
      detail: `${remediation.pod} is still terminating and nothing replaces it`,
      replacement: null,
    };
  }
  if (since > limits.recoveryLimitMs) {
    return {
      kind: 'not-recovered',
      at: now,
      detail:
        replacement === null
          ? 'no replacement pod has appeared'
          : `${replacement.name}: ${missing(replacement)}`,
      replacement: replacement?.name ?? null,
    };
  }
  return null;
}

type Replacement = NonNullable<Aftermath['replacement']>;

function isProved(replacement: Replacement): boolean {
  return (
    replacement.running &&
    replacement.healthy &&
    replacement.newRow !== false &&
    replacement.freshHeartbeat !== false &&
    replacement.workMoves !== false
  );
}

/** What a replacement has not shown yet, for people. */
function missing(replacement: Replacement): string {
  if (!replacement.running) return 'its container does not run yet';
  if (replacement.newRow === false) return 'it has no job row of its own yet';
  if (replacement.freshHeartbeat === false) return 'its heartbeat is not fresh yet';
  if (replacement.workMoves === false) return 'work does not move yet';
  return replacement.healthy ? 'nothing' : 'it is not healthy yet';
}
