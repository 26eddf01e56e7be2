import type { LookBrief } from '../core/look-brief.ts';
import type { Recording } from '../core/recording.ts';
import type { LookedAt } from '../core/remember.ts';
import type { TargetState } from '../core/state.ts';
import type { Looked } from '../core/step.ts';
import type { NextLook } from '../core/suspicion.ts';
import type { Target } from '../core/target.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Cluster } from '../ports.ts';

/** One target after its looks so far, before anything is decided. */
export interface Begun {
  readonly target: Target;
  /** Version of its state as loaded. */
  readonly version: number;
  /** As loaded. */
  readonly before: TargetState;
  readonly looked: Looked;
  readonly cluster: Cluster | null;
  /** When the first look of this tick began. */
  readonly firstLookAt: EpochMs;
  readonly lookCount: number;
  /** Whether to look again before deciding. */
  readonly next: NextLook;
  /** What its looks made of its pods, oldest first. */
  readonly trail: readonly LookBrief[];
  /** What the newest look was judged with: the state until then, and when. */
  readonly judgedFrom: { readonly state: TargetState; readonly at: LookedAt };
  /** What the decision was made from, once it is made; only worked out where looks are kept. */
  readonly recording?: () => Recording | null;
  /** The longest round of looks. */
  readonly lookMs: DurationMs;
}
