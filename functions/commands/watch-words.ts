import { isWell } from '../core/cause.ts';
import { keyOfDecision } from '../core/decision.ts';
import type { TargetReport, TickReport } from '../core/report.ts';
import { type DurationMs, type EpochMs, formatDuration, isoOf, MINUTE_MS } from '../core/time.ts';
import type { TargetList } from '../ports.ts';
import { emit, type Output } from './output.ts';
import { renderTarget } from './render.ts';

/** `quiet`: changes alone; `changes`: with a banner and a summary now and then; `all`: every target of every tick. */
export type Loudness = 'quiet' | 'changes' | 'all';

/** What the banner says of where the watch runs. */
export interface Surroundings {
  readonly version: string;
  /** Where the state lies, as --state would name it. */
  readonly state: string;
  /** Where it can be followed; null: nowhere. */
  readonly url: string | null;
  readonly heartbeat: boolean;
}

const SUMMARY_EVERY_MS = 10 * MINUTE_MS;
/** More are counted. */
const NAMED_MOST = 12;

export function banner(
  { targets, channels, bad }: TargetList,
  everyMs: DurationMs,
  { version, state, url, heartbeat }: Surroundings,
  style: Output['style'],
): readonly string[] {
  const named = targets.slice(0, NAMED_MOST).map(({ id, policy }) => `${id} (${policy.mode})`);
  const more = targets.length - named.length;
  const rows = [
    ['targets', [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ') || 'none'],
    ...(bad.length > 0 ? [['unusable', `${bad.length} document(s); \`targets validate\` says why`]] : []),
    [
      'channels',
      channels.map(({ name, type }) => `${name} (${type})`).join(', ') || 'none: alerts are printed here',
    ],
    ['state', state],
    ['ticks', `every ${formatDuration(everyMs)}, the first one now`],
    ...(url === null ? [] : [['listens', `${url}/healthz, ${url}/metrics`]]),
    ...(heartbeat ? [['heartbeat', 'a URL is called after each complete tick']] : []),
  ];
  const { watch = [], ask = [], remediate = [] } = Object.groupBy(targets, ({ policy }) => policy.mode);
  const does =
    watch.length === targets.length
      ? 'it only watches: no target says mode: remediate'
      : `it ${[
          ...(remediate.length > 0 ? [`removes wedged pods of ${remediate.length} target(s)`] : []),
          ...(ask.length > 0 ? [`asks before it removes one of ${ask.length}`] : []),
        ].join(', ')}`;
  return [
    style('bold', `scheduler-watchdog ${version} watches ${targets.length} target(s); ${does}`),
    ...rows.map(([what = '', text = '']) => `  ${what.padEnd(9)} ${text}`),
  ];
}

export interface Teller {
  /** A target is done. */
  readonly told: (report: TargetReport) => void;
  /** A tick is done. */
  readonly ticked: (report: TickReport, now: EpochMs, nextAt: EpochMs) => void;
}

/** Says what is new. Machines get every line: they ask for the newest of each. */
export function createTeller(loudness: Loudness, output: Output): Teller {
  const before = new Map<string, string>();
  let saidAt: EpochMs | null = null;
  let removed = 0;
  return {
    told(report) {
      const is = whatIs(report);
      const was = before.get(report.target);
      before.set(report.target, is);
      // At the first tick only what is not well, or held by a person, is news.
      const isNew = was === undefined ? !isCalm(report) || report.pause !== null : was !== is;
      emit(output, report, loudness === 'all' || isNew ? renderTarget(report, output.style) : []);
    },
    ticked(report, now, nextAt) {
      const ids = new Set(report.targets.map(({ target }) => target));
      if (report.nothingDone === null) for (const id of before.keys()) if (!ids.has(id)) before.delete(id);
      removed += report.targets.filter(({ decision }) => decision.kind === 'remove').length;
      if (loudness !== 'changes' || (saidAt !== null && now - saidAt < SUMMARY_EVERY_MS)) return;
      output.note(output.style('dim', summaryOf(report, removed, now, nextAt)));
      saidAt = now;
      removed = 0;
    },
  };
}

function summaryOf({ targets }: TickReport, removed: number, now: EpochMs, nextAt: EpochMs): string {
  const wrong = targets.filter((target) => !isCalm(target)).map(({ target }) => target);
  const named = wrong.length > NAMED_MOST ? [...wrong.slice(0, NAMED_MOST), '…'] : wrong;
  const parts = [
    `${targets.length - wrong.length} of ${targets.length} target(s) well`,
    ...(wrong.length > 0 ? [`not: ${named.join(', ')}`] : []),
    ...(removed > 0 ? [`${removed} removal(s)`] : []),
    `next tick ${timeOf(Math.max(now, nextAt))}`,
  ];
  return `${timeOf(now)} ${parts.join('; ')}`;
}

const timeOf = (at: EpochMs) => `${isoOf(at).slice(11, 19)}Z`;

function isCalm({ pods, decision, blind, incident }: TargetReport): boolean {
  return (
    blind === undefined &&
    decision.kind === 'rest' &&
    incident === null &&
    pods.length > 0 &&
    pods.every(({ cause }) => isWell(cause))
  );
}

/** Everything whose change is news: numbers that move with each tick are not. */
function whatIs({ pods, decision, blind, incident, conditions, pause }: TargetReport): string {
  return JSON.stringify([
    // Healthy and idle are one: a quiet night is no news.
    pods.map(({ uid, cause }) => [uid, isWell(cause) ? 'well' : cause]).toSorted(),
    keyOfDecision(decision),
    blind !== undefined,
    incident,
    conditions.map(({ subject, kind }) => [subject, kind]),
    pause,
  ]);
}
