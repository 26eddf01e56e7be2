import type { EpochMs } from './time.ts';

/** One node, as far as its own conditions tell. */
export interface NodeFact {
  /** false also where its kubelet tells nothing any more. */
  readonly isReady: boolean;
  /** Why it is not ready, in Kubernetes' word. */
  readonly reason: string | null;
  /** `MemoryPressure`, `DiskPressure`, `PIDPressure`. */
  readonly pressures: readonly string[];
  /** Since the newest of its sick conditions, or of its readiness. */
  readonly since: EpochMs | null;
  /** Pods may be put there. */
  readonly isSchedulable: boolean;
}

export interface NodesFacts {
  readonly byName: Readonly<Record<string, NodeFact>>;
}

export function isNodeWell({ isReady, pressures }: NodeFact): boolean {
  return isReady && pressures.length === 0;
}

/** What is the matter with it: `NotReady (KubeletStopped)`, `MemoryPressure, DiskPressure`. */
export function nodeText({ isReady, reason, pressures }: NodeFact): string {
  const ready = isReady ? [] : [`NotReady${reason === null ? '' : ` (${reason})`}`];
  return [...ready, ...pressures].join(', ');
}
