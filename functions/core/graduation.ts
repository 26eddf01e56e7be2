import { NO_AGES, worstAge } from './ages.ts';
import { type DrillBody, drillSentence, isPassed } from './drill.ts';
import { heartbeatLimit } from './heartbeat.ts';
import { LIMITS } from './policy.ts';
import type { Replayable } from './replay.ts';
import type { TargetState } from './state.ts';
import type { Target } from './target.ts';
import { type DurationMs, type EpochMs, formatDuration, HOUR_MS, SECOND_MS } from './time.ts';
import { type WouldBe, wouldBeRemovals } from './would-be.ts';

/** One thing that has to be shown before a target may be trusted with `mode: remediate`. */
export interface Criterion {
  readonly criterion: string;
  readonly passed: boolean;
  readonly says: string;
  /** What would show it; null where it is shown, or only time shows it. */
  readonly run: string | null;
}

export interface TrackRecord {
  readonly target: Target;
  readonly state: TargetState;
  /** Kept looks, oldest first; null for one of an earlier version. */
  readonly looks: readonly (Replayable | null)[];
  /** When each of them was made. */
  readonly lookedAt: readonly EpochMs[];
  readonly drill: { readonly at: EpochMs; readonly body: DrillBody } | null;
  /** Removals that were made, and cured nothing. */
  readonly uncured: readonly string[];
  readonly now: EpochMs;
}

const DAY_MS: DurationMs = 24 * HOUR_MS;
/** Slow spells come by the night and by the week. */
const DAYS_WATCHED = 7;
/** Rights and secrets change: a rehearsal proves those of its day. */
const DRILL_DAYS = 30;

export function criteriaOf(known: TrackRecord): readonly Criterion[] {
  return [
    watched(known),
    ticking(known),
    wouldBe(known),
    ...limits(known),
    witnesses(known),
    rights(known),
    channels(known),
    drilled(known),
  ];
}

const passed = (criterion: string, says: string): Criterion => ({ criterion, passed: true, says, run: null });

const missing = (criterion: string, says: string, run: string | null): Criterion => ({
  criterion,
  passed: false,
  says,
  run,
});

function watched({ lookedAt, now }: TrackRecord): Criterion {
  const days = new Set(lookedAt.filter((at) => at <= now).map((at) => Math.floor((now - at) / DAY_MS)));
  let whole = 0;
  while (days.has(whole)) whole += 1;
  const says = `${whole} day(s) on end with looks; ${DAYS_WATCHED} are needed`;
  return whole >= DAYS_WATCHED ? passed('watched', says) : missing('watched', says, null);
}

/** What is no longer watched shows nothing. */
function ticking({ state: { lastTick }, target: { id }, now }: TrackRecord): Criterion {
  if (lastTick === null) return missing('ticking', 'no tick is remembered', `scheduler-watchdog watch`);
  const says = `the last tick was ${formatDuration(Math.max(SECOND_MS, now - lastTick))} ago`;
  return now - lastTick <= LIMITS.calmLooksEveryMs
    ? passed('ticking', says)
    : missing('ticking', says, `scheduler-watchdog status --target ${id}`);
}

function wouldBe({ target, looks, uncured }: TrackRecord): Criterion {
  const all = wouldBeRemovals(target, looks);
  const count = (proof: WouldBe['proof']) => all.filter((one) => one.proof === proof);
  const not = [...count('wrong'), ...count('unknown')].map(
    ({ tick, pod, says }) => `${pod} at ${tick.slice(0, 16)}Z: ${says}`,
  );
  const bad = [...not, ...uncured];
  const says = `${all.length} removal(s) would have been made, of which later looks show ${count('right').length} as right`;
  if (bad.length === 0) return passed('removals', says);
  return missing(
    'removals',
    `${says}; ${bad.join('; ')}`,
    `scheduler-watchdog explain ${target.id} --at TIME`,
  );
}

function limits({ target, state }: TrackRecord): readonly Criterion[] {
  return target.components.map(({ name }) => {
    const ages = state.ages[name] ?? NO_AGES;
    const { limitMs } = heartbeatLimit(target.policy, ages);
    const worst = worstAge(ages);
    const criterion = `limit of ${name}`;
    const says = `largest healthy age ${worst.toFixed(1)} s, limit ${formatDuration(limitMs)}`;
    if (ages.samples < LIMITS.autoHeartbeatSamples)
      return missing(
        criterion,
        `${ages.samples} of ${LIMITS.autoHeartbeatSamples} healthy ages are known; ${says}`,
        null,
      );
    const leastMs = worst * LIMITS.autoHeartbeatProvedFactor * SECOND_MS;
    return limitMs >= leastMs
      ? passed(criterion, says)
      : missing(
          criterion,
          `${says}: less than ${LIMITS.autoHeartbeatProvedFactor} × of it`,
          'raise policy.heartbeatLimit, or set it to auto',
        );
  });
}

function witnesses({ target, state: { proven } }: TrackRecord): Criterion {
  const hasDatabase = target.database !== null;
  const asked: readonly (readonly [string, boolean, boolean])[] = [
    ...target.components.map(
      ({ name }) => [`heartbeat of ${name}`, hasDatabase, proven.heartbeat[name] !== undefined] as const,
    ),
    ['progress', hasDatabase, proven.progress !== null],
    ['locks', hasDatabase, proven.locks !== null],
    ['own health server', target.health.some(({ kind }) => kind === 'pod'), proven.own !== null],
    ['health url', target.health.some(({ kind }) => kind === 'url'), proven.health !== null],
    ["kubelet's events", true, proven.kubelet !== null],
  ];
  const configured = asked.filter(([, isAsked]) => isAsked);
  const unproved = configured.filter(([, , isProved]) => !isProved).map(([name]) => name);
  const names = configured.map(([name]) => name).join(', ');
  return unproved.length === 0
    ? passed('witnesses', `each was seen well: ${names}`)
    : missing(
        'witnesses',
        `never seen well: ${unproved.join(', ')}`,
        `scheduler-watchdog doctor --target ${target.id}`,
      );
}

function rights({ target: { id }, drill }: TrackRecord): Criterion {
  const run = `scheduler-watchdog doctor --target ${id}`;
  const answer = drill?.body.answer ?? null;
  if (answer === null)
    return missing('rights', 'no drill has shown that the API server would let it delete', run);
  return answer.kind === 'deleted'
    ? passed('rights', 'the API server let a dry run of the delete through')
    : missing('rights', `the dry run of the delete: ${answer.kind} (${answer.detail})`, run);
}

function channels({ target: { id }, drill }: TrackRecord): Criterion {
  const told = drill?.body.told ?? [];
  const failed = told.filter(({ answer }) => answer !== 'delivered');
  const names = (all: typeof told) => [...new Set(all.map(({ channel }) => channel))].join(', ');
  if (told.length === 0)
    return missing('channels', 'no drill has sent a message', `scheduler-watchdog drill ${id}`);
  return failed.length === 0
    ? passed('channels', `took the messages of the drill: ${names(told)}`)
    : missing('channels', `did not take them: ${names(failed)}`, 'scheduler-watchdog doctor --send');
}

function drilled({ target: { id }, drill, now }: TrackRecord): Criterion {
  const run = `scheduler-watchdog drill ${id}`;
  if (drill === null) return missing('drill', 'none is kept', run);
  const says = `${formatDuration(Math.max(SECOND_MS, now - drill.at))} ago: ${drillSentence(drill.body)}`;
  const { decision } = drill.body;
  const others = decision?.kind === 'hold' ? decision.holds.filter(({ code }) => code !== 'watch-mode') : [];
  const isRecent = now - drill.at <= DRILL_DAYS * DAY_MS;
  if (!isRecent || !isPassed(drill.body)) return missing('drill', says, run);
  return others.length === 0
    ? passed('drill', says)
    : missing('drill', `${says}; held also by ${others.map(({ code }) => code).join(', ')}`, run);
}
