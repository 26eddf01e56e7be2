import { formatDuration, isoOf } from '../../functions/core/time.ts';
import type { Batch, BatchBreak } from './batch.ts';
import type { Shrunk } from './shrink.ts';
import type { Tally } from './tally.ts';

const YEAR_MS = 365.25 * 24 * 3_600_000;

/** One figure: what it is called, and what it came to. */
export type Figure = readonly [name: string, value: string];

/** With no event in so many years the rate is below this, 19 times out of 20; else by the usual bound on a Poisson count. */
export function upperBoundPerYear(events: number, years: number): number {
  const bound = events === 0 ? 3 : events + 1.92 + 1.96 * Math.sqrt(events + 0.96);
  return bound / years;
}

export function figuresOf({ tally, worlds, cpuMs, breaks }: Batch): readonly Figure[] {
  const years = tally.simulatedMs / YEAR_MS;
  const { working = 0, wedged = 0, unknowable = 0, lost = 0 } = tally.removals;
  const episodes = Object.values(tally.episodes).reduce((sum, count) => sum + count, 0);
  return [
    ['worlds', count(worlds)],
    ['target-ticks', count(tally.targetTicks)],
    ['simulated target-years', years.toFixed(2)],
    ['adverse episodes', count(episodes)],
    ['removals of wedged pods', count(wedged)],
    ['removals of working pods', count(working)],
    [
      'removals nobody outside could have known better',
      `${count(unknowable)} (and ${count(lost)} on lost nodes)`,
    ],
    ['wrong removals per target-year, 95 % upper bound', upperBoundPerYear(working, years).toPrecision(2)],
    ['double removals', count(tally.doubleRemovals)],
    ['missed wedges', count(tally.missedWedges)],
    ['lost alerts', count(tally.lostAlerts)],
    ['duplicate alerts', `${count(tally.duplicateAlerts)} of ${count(tally.accepted)} taken`],
    [
      'T_D, wedge to removal, p50 and p95',
      `${percentile(tally.detectionMs, 0.5)} and ${percentile(tally.detectionMs, 0.95)}`,
    ],
    ...falseAlarmFigures(tally, years),
    ['largest document', `${count(tally.largestStateBytes)} bytes`],
    ['longest tick', formatDuration(tally.longestTickMs)],
    ['laws broken', count(breaks.length)],
    [
      'cost',
      `${((cpuMs * 1_000) / tally.targetTicks).toFixed(1)} µs of one core per target-tick, program and world`,
    ],
  ];
}

function falseAlarmFigures(tally: Tally, years: number): readonly Figure[] {
  const apart =
    tally.falseAlarms === 0
      ? 'none'
      : `${((years * 365.25) / tally.falseAlarms).toFixed(1)} target-days apart`;
  return [
    ['false alarms', count(tally.falseAlarms)],
    ['T_MR, between two mistakes', apart],
    ['T_M, length of a mistake, p50', percentile(tally.falseAlarmMs, 0.5)],
  ];
}

function percentile(values: readonly number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return value === undefined ? 'none' : formatDuration(value);
}

const count = (value: number) => Math.round(value).toLocaleString('en');

export function episodeLines({ tally }: Batch): readonly string[] {
  return Object.entries(tally.episodes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, times]) => `  ${String(times).padStart(7)}  ${kind}`);
}

/** Breaks of a law, gathered by what went on meanwhile. */
export function summaryOf(breaks: readonly BatchBreak[]): readonly string[] {
  const groups = Map.groupBy(breaks, ({ law }) => law);
  return [...groups].flatMap(([law, list]) => {
    const kinds: Record<string, number> = {};
    for (const { during } of list) for (const kind of new Set(during)) kinds[kind] = (kinds[kind] ?? 0) + 1;
    const most = Object.entries(kinds)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 8);
    return [
      `${law}: broken ${list.length} times in worlds ${[...new Set(list.map(({ world }) => world))].slice(0, 12).join(', ')}`,
      `    while: ${most.map(([kind, times]) => `${kind} ${times}`).join(', ') || 'nothing was going on'}`,
    ];
  });
}

/** A broken law, with the shortest story found that still breaks it. */
export function storyLines(shrunk: Shrunk, replay: string): readonly string[] {
  const { found, ran, keep } = shrunk;
  if (found === null)
    return ['the same world did not break the law again: the simulator itself is not deterministic'];
  const target = found.target === null ? undefined : ran.world.targets[found.target];
  const kept = ran.episodes.filter(({ number }) => keep.has(number));
  return [
    `law: ${found.law}`,
    `what: ${found.what}`,
    `where: seed ${ran.world.seed}, world ${ran.world.number}, ${isoOf(found.at)}${target === undefined ? '' : `, target ${target.name}`}`,
    ...(target === undefined ? [] : [`target: ${describe(target)}`]),
    `episodes needed (${kept.length}): ${kept.map((one) => `${one.number} ${one.kind}${one.scope === 'target' ? ` t${one.target}` : ''} ${isoOf(one.at).slice(5, 19)}`).join('; ') || 'none'}`,
    ...(target === undefined ? [] : storyUpTo(target.story, found.what)),
    `replay: ${replay}`,
  ];
}

function describe({
  document,
  airflow,
  workloads,
  traffic,
  database,
  api,
  nodes,
}: Shrunk['ran']['world']['targets'][number]): string {
  const { policy, health, components } = document;
  const seconds = (ms: number) => Math.round(ms / 1_000);
  return [
    `Airflow ${airflow}`,
    workloads.map((one) => `${one.usual} ${one.component} (${one.kind})`).join(' + '),
    `watched ${components.map(({ name }) => name).join(' + ')} by ${[document.database === null ? [] : ['database'], health.map(({ kind }) => kind)].flat().join(' + ')}`,
    `heartbeatLimit ${policy.heartbeatLimitMs}, startupGrace ${policy.startupGraceMs}, ${policy.mode}`,
    `${traffic.kind}, ${traffic.liveDags} DAGs`,
    `clocks: database ${seconds(database.skewMs)} s, API ${seconds(api.skewMs)} s, nodes ${nodes.map(({ skewMs }) => seconds(skewMs)).join('/')} s`,
  ].join('; ');
}

function storyUpTo(story: readonly string[], what: string): readonly string[] {
  const end = story.findIndex((line) => line.endsWith(what));
  const upTo = end === -1 ? story : story.slice(0, end + 1);
  return upTo.slice(-25).map((line) => `    ${line.slice(0, 400)}`);
}
