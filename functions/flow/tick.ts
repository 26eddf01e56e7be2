import type { Candidate } from '../core/decision.ts';
import { type FleetPicture, fleetHolds, madeGood, reserve, type TargetStanding } from '../core/fleet.ts';
import { type StepFacts, workloadKey } from '../core/guard-facts.ts';
import type { Look } from '../core/observation.ts';
import { tookEffect } from '../core/remediation.ts';
import type { Route } from '../core/routing-rules.ts';
import { doubtsOf, SELF_AT_START, type SelfFacts } from '../core/self.ts';
import type { Settled } from '../core/settle.ts';
import type { FleetState, TargetState } from '../core/state.ts';
import type { Looked } from '../core/step.ts';
import type { Target } from '../core/target.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import type { Ports } from '../ports.ts';
import { changeFleet } from './saved-state.ts';

export interface TickOptions {
  /** The moment the schedule meant. */
  readonly scheduledAt: EpochMs;
  /** That moment is by our own clock. */
  readonly ownSchedule: boolean;
  /** Names the tick: two with the same key are one. */
  readonly key: EpochMs;
  /** Time between the starts of two ticks. */
  readonly slotMs: DurationMs;
  readonly startedAt: EpochMs;
  readonly deadlineAt: EpochMs;
  readonly acting: boolean;
  readonly channelsOf: (target: Target) => readonly Route[];
}

/** What all targets of one tick share: the fleet as it stands at this moment, and what the tick notices about itself. */
export interface TickContext extends TickOptions {
  readonly ports: Ports;
  readonly picture: FleetPicture;
  /** The newest that is known of the fleet's own state. */
  fleet(): FleetState;
  /** Puts a target's newest look into the picture. */
  stand(standing: TargetStanding): void;
  /** Sleeps, and notices when that takes longer than it should. */
  sleep(ms: DurationMs): Promise<void>;
  /** Notices what a look tells about ourselves. */
  noticed(look: Pick<Look<object>, 'kind' | 'tookMs'> | null, deadlineMs: DurationMs): void;
  /** Notices whether a cluster answered, and how far our clock is ahead of its API server's. */
  heard(cluster: string, answered: boolean, clockOffsetMs: DurationMs | null): void;
  /** Why this tick doubts itself. */
  doubts(): readonly string[];
  stepFacts(target: Target, tasksRunning: StepFacts['tasksRunning']): StepFacts;
  /** Writes a removal into the fleet's book, if the fleet as stored still lets it go. */
  reserve(looked: Looked, subject: Candidate): Promise<boolean>;
  settled(target: string, settled: readonly Settled[], state: TargetState): void;
  /** How repairs ended in this tick. */
  readonly repairs: FleetState['repairs'];
}

export function beginTick(options: TickOptions, stored: FleetState, ports: Ports): TickContext {
  const picture = new Map<string, TargetStanding>();
  const clusters = new Map<string, boolean>();
  const repairs: { at: EpochMs; target: string; ok: boolean }[] = [];
  const { clock } = ports;
  let fleet = stored;
  let self: SelfFacts = SELF_AT_START;
  const offsets: number[] = [];
  /** By the clocks of the API servers, since ours may be the one that is wrong; but not where ours made the schedule, too. */
  const lateMs = () =>
    options.startedAt - options.scheduledAt - (options.ownSchedule ? 0 : (median(offsets) ?? 0));
  const stalled = (ms: DurationMs) => {
    if (ms > self.stalledMs) self = { ...self, stalledMs: ms };
  };
  const doubts = () => {
    const silent = [...clusters.values()].filter((answered) => !answered).length;
    return doubtsOf({ ...self, lateMs: lateMs(), clusters: clusters.size, silentClusters: silent });
  };
  return {
    ...options,
    ports,
    picture,
    repairs,
    fleet: () => fleet,
    stand: (standing) => picture.set(standing.id, standing),
    async sleep(ms) {
      const from = clock.now();
      await clock.sleep(ms);
      stalled(clock.now() - from - ms);
    },
    noticed(look, deadlineMs) {
      if (look === null) return;
      const isThrottled = 'cause' in look && look.cause === 'throttled';
      self = {
        ...self,
        looks: self.looks + 1,
        throttled: self.throttled + (isThrottled ? 1 : 0),
      };
      stalled(look.tookMs - deadlineMs);
    },
    heard(cluster, answered, clockOffsetMs) {
      clusters.set(cluster, answered || clusters.get(cluster) === true);
      if (clockOffsetMs !== null) offsets.push(clockOffsetMs);
    },
    doubts,
    stepFacts: (target, tasksRunning) => ({
      now: clock.now(),
      scheduledAt: options.scheduledAt,
      lateMs: lateMs(),
      slotMs: options.slotMs,
      acting: options.acting,
      picture,
      fleet,
      doubts: doubts(),
      tasksRunning,
      channels: options.channelsOf(target),
      reportsUrl: ports.reports?.url ?? null,
    }),
    async reserve({ target, looks }, subject) {
      if (looks === null) return false;
      const ask = { target: target.id, workload: workloadKey(subject, target, looks), now: clock.now() };
      let granted = false;
      const { state } = await changeFleet(ports.state, (current) => {
        const { storm, repairsFailing, budget } = fleetHolds(picture, current, ask);
        granted = storm === null && repairsFailing === null && budget === null;
        return granted ? reserve(current, ask) : current;
      });
      fleet = state;
      return granted;
    },
    settled(target, settled, state) {
      // A removal that was never carried out says nothing about whether removals help.
      for (const { outcome } of settled.filter(({ remediation }) => tookEffect(remediation)))
        repairs.push({ at: outcome.at, target, ok: outcome.kind === 'recovered' });
      const good = madeGood(fleet, target, state);
      if (good !== null) repairs.push(good);
    },
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
