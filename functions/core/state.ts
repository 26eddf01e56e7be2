import type { Acknowledgement } from './acknowledgement.ts';
import type { LearnedAges } from './ages.ts';
import type { Approval, AwaitingPod } from './approval.ts';
import type { BeatMemory } from './beat.ts';
import type { Cause, RemovableCause } from './cause.ts';
import type { WorkMemory } from './companions.ts';
import type { Condition } from './condition.ts';
import type { HandMemory } from './hand-memory.ts';
import type { Incident } from './incident.ts';
import type { MemoryTrend } from './memory-trend.ts';
import type { OutboxEntry } from './notification.ts';
import type { Remediation } from './remediation.ts';
import { NOTHING_ROUTED, type RoutingMemory } from './routing-memory.ts';
import type { ComponentName } from './target.ts';
import type { DurationMs, EpochMs } from './time.ts';

/** How many looks with the same removable cause came in a row without a gap. */
export interface Streak {
  readonly cause: RemovableCause;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** How long it must last, by the newest verdict. */
  readonly needsMs: DurationMs;
  /** One of its looks was made by a tick that doubted itself. */
  readonly inDoubt: boolean;
}

export interface PodMemory {
  readonly name: string;
  readonly component: ComponentName;
  /** Start of the container that the rest speaks of; another one is another life. */
  readonly runningSince: EpochMs | null;
  /** Its heartbeat was seen fresh at least once. */
  readonly seenBeating: boolean;
  /** How often kubelet had started its container anew at the last look, and when that number was seen to grow; newest last. */
  readonly restarts: number;
  readonly restartedAt: readonly EpochMs[];
  /** Its working set at the last looks that asked for it, newest last; left out where none did. */
  readonly memory?: readonly { readonly at: EpochMs; readonly bytes: number }[];
  /** Where its working set goes; left out where it was never read. */
  readonly trend?: MemoryTrend;
  readonly beat: BeatMemory | null;
  readonly work?: WorkMemory;
  /** What it had in hand beside its peers; left out where nothing tells of its tasks. */
  readonly hand?: HandMemory;
  readonly streak: Streak | null;
  /** The present cause, since when it is that one, and the newest sentence. */
  readonly cause: Cause;
  readonly since: EpochMs;
  readonly why: string;
}

/** What is remembered of one component, whatever pods come and go. */
export interface ComponentMemory {
  /** Since when none of its pods was seen well; null while one is. */
  readonly noneWellSince: EpochMs | null;
  /** How many pods it should have, when last asked; null: not known. */
  readonly wanted: number | null;
  readonly askedAt: EpochMs | null;
}

export interface Pause {
  readonly by: string;
  readonly reason: string;
  readonly until: EpochMs;
}

/** A pause that still holds; one that is over is history. */
export function inForce(pause: Pause | null, now: EpochMs): Pause | null {
  return pause !== null && pause.until > now ? pause : null;
}

/** When each witness was last seen well: one that never was cannot convict, and one that was is missed when it is gone. */
export interface Proven {
  readonly heartbeat: Readonly<Partial<Record<ComponentName, EpochMs>>>;
  /** A scheduler's own health server said healthy. */
  readonly own: EpochMs | null;
  /** A health URL answered as Airflow's web server. */
  readonly web: EpochMs | null;
  /** Any health endpoint did, a web server included. */
  readonly health: EpochMs | null;
  readonly progress: EpochMs | null;
  readonly kubelet: EpochMs | null;
  readonly locks: EpochMs | null;
  readonly triggers?: EpochMs;
  readonly parsing?: EpochMs;
  readonly work?: EpochMs | null;
}

/** All that is remembered of one target: one item, saved by compare-and-set. */
export interface TargetState {
  readonly schema: 2;
  /** Key of the newest tick that was begun. */
  readonly lastTick: EpochMs | null;
  /** By uid; pods that are gone are forgotten. */
  readonly pods: Readonly<Record<string, PodMemory>>;
  readonly components: Readonly<Partial<Record<ComponentName, ComponentMemory>>>;
  readonly proven: Proven;
  /** Healthy heartbeat ages, from which `auto` learns. */
  readonly ages: Readonly<Partial<Record<ComponentName, LearnedAges>>>;
  /** The last trouble with the database that any witness told of. */
  readonly database: { readonly downSince: EpochMs | null; readonly backAt: EpochMs | null };
  /** When each open transaction of hidden age was first seen to hold what schedulers need. */
  readonly heldSince: Readonly<Record<string, EpochMs>>;
  /** Since when something is wrong that could cost a pod or page somebody; null while nothing is. */
  readonly sickSince: EpochMs | null;
  /** Newest last; those of the last day. */
  readonly remediations: readonly Remediation[];
  readonly conditions: readonly Condition[];
  readonly incident: Incident | null;
  /** What was decided last, by `keyOfDecision`. */
  readonly decided: string;
  /** When looks were last kept in the ledger. */
  readonly looksKeptAt: EpochMs | null;
  readonly pause: Pause | null;
  /** When a person last ended a pause, which also lets what was not cured be tried again. */
  readonly resumedAt: EpochMs | null;
  /** Pods that only wait for a person, by the newest step, and what a person has let go. */
  readonly waiting: readonly AwaitingPod[];
  readonly approval: Approval | null;
  /** Who took up an incident last; it counts while that page is open. */
  readonly acknowledgement: Acknowledgement | null;
  readonly outbox: readonly OutboxEntry[];
  readonly routing: RoutingMemory;
}

export const NEW_STATE: TargetState = {
  schema: 2,
  lastTick: null,
  pods: {},
  components: {},
  proven: { heartbeat: {}, own: null, web: null, health: null, progress: null, kubelet: null, locks: null },
  ages: {},
  database: { downSince: null, backAt: null },
  heldSince: {},
  sickSince: null,
  remediations: [],
  conditions: [],
  incident: null,
  decided: 'rest',
  looksKeptAt: null,
  pause: null,
  resumedAt: null,
  waiting: [],
  approval: null,
  acknowledgement: null,
  outbox: [],
  routing: NOTHING_ROUTED,
};

/** Targets that fell sick together, and are held as long as most of them still are. */
export interface Storm {
  readonly since: EpochMs;
  /** When the newest member joined. */
  readonly grewAt: EpochMs;
  readonly members: readonly string[];
}

/** One removal that was let go, in the fleet's own book. */
export interface FleetRemoval {
  readonly target: string;
  readonly workload: string;
  readonly at: EpochMs;
}

/** Remembered about the whole fleet, beside the targets. */
export interface FleetState {
  readonly schema: 2;
  readonly storm: Storm | null;
  /** Removals stay held until then after a storm. */
  readonly stormUntil: EpochMs | null;
  /** Targets that could not be looked at to the end, since when: what goes on for long is no storm. */
  readonly unseen: Readonly<Record<string, EpochMs>>;
  /** Newest last, those of the budget's window. */
  readonly removals: readonly FleetRemoval[];
  /** How the last repairs ended, newest last. */
  readonly repairs: readonly { readonly at: EpochMs; readonly target: string; readonly ok: boolean }[];
  /** Ids of the last whole list, so that a target that leaves it is closed with a last word. */
  readonly watched: readonly string[];
  readonly conditions: readonly Condition[];
  readonly incident: Incident | null;
  readonly outbox: readonly OutboxEntry[];
  readonly routing: RoutingMemory;
}

export const NEW_FLEET: FleetState = {
  schema: 2,
  storm: null,
  stormUntil: null,
  unseen: {},
  removals: [],
  repairs: [],
  watched: [],
  conditions: [],
  incident: null,
  outbox: [],
  routing: NOTHING_ROUTED,
};

/** Keys of the documents in the state store; target ids begin with a letter or digit, so these never meet. */
export const FLEET_KEY = '#fleet';
export const PRESSED_KEY = '#pressed';
