import type { Cause, RemovableCause } from './cause.ts';
import type { Incident } from './incident.ts';
import type { OutboxEntry } from './notification.ts';
import type { Remediation } from './remediation.ts';
import type { ComponentName } from './target.ts';
import type { EpochMs } from './time.ts';

/** How many looks with the same removable cause came in a row without a gap. */
export interface Streak {
  readonly cause: RemovableCause;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** Since when a cause has been the present one. */
export interface Standing {
  readonly cause: Cause;
  readonly since: EpochMs;
  readonly why: string;
}

export interface PodMemory {
  readonly name: string;
  readonly component: ComponentName;
  /** Its heartbeat was seen fresh at least once. */
  readonly seenBeating: boolean;
  readonly streak: Streak | null;
  readonly standing: Standing;
  /** Since when it was not seen well, whatever the causes in between; null while it is well. */
  readonly unwellSince: EpochMs | null;
}

export interface Pause {
  readonly by: string;
  readonly reason: string;
  readonly until: EpochMs;
}

/** All that is remembered of one target: one item, saved by compare-and-set. */
export interface TargetState {
  readonly schema: 1;
  /** Scheduled time of the newest tick that was begun. */
  readonly lastTick: EpochMs | null;
  /** By uid; pods that are gone are forgotten. */
  readonly pods: Readonly<Record<string, PodMemory>>;
  /** Set while the target as a whole cannot be seen. */
  readonly blind: Standing | null;
  /** When each signal was last seen well: one that never was cannot convict. */
  readonly proven: {
    readonly heartbeat: Readonly<Partial<Record<ComponentName, EpochMs>>>;
    readonly http: { readonly at: EpochMs; readonly from: 'scheduler' | 'web' } | null;
    readonly progress: EpochMs | null;
  };
  /** Ages in seconds of healthy heartbeats, oldest first, from which `auto` learns. */
  readonly healthyAges: Readonly<Partial<Record<ComponentName, readonly number[]>>>;
  readonly database: { readonly downSince: EpochMs | null; readonly backAt: EpochMs | null };
  /** Newest last; those of the last day. */
  readonly remediations: readonly Remediation[];
  readonly incident: Incident | null;
  /** What was decided last, by `keyOfDecision`. */
  readonly decided: string;
  readonly pause: Pause | null;
  readonly outbox: readonly OutboxEntry[];
}

export const NEW_STATE: TargetState = {
  schema: 1,
  lastTick: null,
  pods: {},
  blind: null,
  proven: { heartbeat: {}, http: null, progress: null },
  healthyAges: {},
  database: { downSince: null, backAt: null },
  remediations: [],
  incident: null,
  decided: 'rest',
  pause: null,
  outbox: [],
};

/** Remembered about the whole fleet, beside the targets. */
export interface FleetState {
  readonly schema: 1;
  readonly stormUntil: EpochMs | null;
  readonly incident: Incident | null;
  readonly outbox: readonly OutboxEntry[];
}

export const NEW_FLEET: FleetState = { schema: 1, stormUntil: null, incident: null, outbox: [] };

/** Keys of the documents in the state store; target ids begin with a letter or digit, so these two never meet. */
export const FLEET_KEY = '#fleet';
