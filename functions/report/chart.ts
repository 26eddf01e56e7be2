import { scaleUtc } from 'd3-scale';
import { type ComponentChild, h } from 'preact';
import { SECOND_MS } from '../core/time.ts';
import type { Drawing, DrawnPod, Point } from './drawing.ts';
import { type Frame, round } from './frame.ts';
import { type Lane, laneOf } from './lane.ts';
import { looksLane } from './looks-lane.ts';
import { clockText } from './page.ts';

const WIDTHS = { wide: 900, narrow: 400 } as const;
const BADGES = 40;
const AXIS = 26;
const GAP = 30;

/** The story of an incident on one time axis: heartbeat age and memory against their limits, looks, and what was done. */
export function chartOf(drawing: Drawing, kind: Frame['kind'], summary: string): ComponentChild {
  const width = WIDTHS[kind];
  const [left, right] = kind === 'wide' ? [58, 14] : [48, 8];
  const x = scaleUtc([drawing.from, drawing.to], [left, width - right]);
  const frame: Frame = { kind, width, left, right, font: kind === 'wide' ? 12.5 : 12, x };
  const lanes: Lane[] = [];
  let top = BADGES;
  for (const make of [heartbeatLane, memoryLane, looksLane]) {
    const lane = make(drawing, frame, top);
    if (lane === null) continue;
    lanes.push(lane);
    top = lane.bottom + GAP;
  }
  const bottom = top - GAP;
  const height = bottom + AXIS;
  const id = `chart-${kind}`;
  return h(
    'svg',
    {
      class: kind,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${id}-t ${id}-d`,
      fontSize: frame.font,
    },
    h('title', { id: `${id}-t` }, 'What happened, on one time axis'),
    h('desc', { id: `${id}-d` }, summary),
    timeAxis(frame, bottom),
    lanes.map(({ drawn }) => drawn),
    moments(drawing, frame, bottom),
  );
}

function timeAxis({ x, kind, font }: Frame, bottom: number): ComponentChild {
  const isFine = x.ticks(8).some((tick) => tick.getUTCSeconds() !== 0);
  const ticks = x.ticks(kind === 'narrow' ? 3 : isFine ? 6 : 8);
  return h(
    'g',
    null,
    ticks.map((tick) => {
      const at = tick.getTime();
      const text = isFine ? clockText(at) : clockText(at).slice(0, 5);
      return h(
        'g',
        { transform: `translate(${round(x(tick))} 0)` },
        h('line', { class: 'grid', y1: BADGES, y2: bottom }),
        h('text', { y: bottom + font + 6, 'text-anchor': 'middle' }, text),
      );
    }),
  );
}

function heartbeatLane(drawing: Drawing, frame: Frame, top: number): Lane | null {
  const series = seriesOf(
    drawing.pods,
    ({ silentMs }) => silentMs && silentMs / SECOND_MS,
    ({ silentMs }) => silentMs !== null,
  );
  const limits = drawing.pods.flatMap(({ points }) =>
    points.map(({ at, limitMs }) => ({ at, value: limitMs / SECOND_MS })),
  );
  return laneOf(
    {
      name: 'heartbeat age, seconds',
      series,
      limits,
      limitName: 'limit',
      height: frame.kind === 'wide' ? 150 : 130,
    },
    frame,
    top,
  );
}

const MEBIBYTE = 1_048_576;

function memoryLane(drawing: Drawing, frame: Frame, top: number): Lane | null {
  const series = seriesOf(
    drawing.pods,
    ({ memory }) => (memory?.bytes ?? 0) / MEBIBYTE,
    ({ memory }) => memory !== null,
  );
  const limits = drawing.pods.flatMap(({ points }) =>
    points.flatMap(({ at, memory }) =>
      memory?.limitBytes == null ? [] : [{ at, value: memory.limitBytes / MEBIBYTE }],
    ),
  );
  return laneOf(
    { name: 'memory, MiB', series, limits, limitName: 'limit', height: frame.kind === 'wide' ? 100 : 90 },
    frame,
    top,
  );
}

function seriesOf(
  pods: readonly DrawnPod[],
  value: (point: Point) => number | null,
  isThere: (point: Point) => boolean,
) {
  return pods.map(({ role, points }) => ({
    role,
    values: points.filter(isThere).map((point) => ({ at: point.at, value: value(point) ?? 0 })),
  }));
}

/** Numbered lines through all lanes; what comes at nearly the same moment takes turns in two rows. */
function moments({ moments: all }: Drawing, { x }: Frame, bottom: number): ComponentChild {
  let before = Number.NEGATIVE_INFINITY;
  let row = 0;
  return h(
    'g',
    null,
    all.map(({ at }, index) => {
      const place = round(x(at));
      row = place - before < 22 ? (row + 1) % 2 : 0;
      const shifted = place - before < 22 && row === 0 ? before + 22 : place;
      before = Math.max(before, shifted);
      const y = row === 0 ? 10 : 30;
      return h(
        'g',
        null,
        h('line', { class: 'moment', x1: place, x2: place, y1: y, y2: bottom }),
        h('circle', { class: 'badge', cx: shifted, cy: y, r: 9 }),
        h('text', { class: 'badge-text', x: shifted, y: y + 4, fontSize: 11 }, String(index + 1)),
      );
    }),
  );
}
