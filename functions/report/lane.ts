import { type ComponentChild, h } from 'preact';
import type { DrawnPod } from './drawing.ts';
import { type Frame, linear, pathOf, round } from './frame.ts';

/** One strip of the drawing and where it ends. */
export interface Lane {
  readonly drawn: ComponentChild;
  readonly bottom: number;
}

interface Value {
  readonly at: number;
  readonly value: number;
}

interface Strip {
  readonly name: string;
  readonly series: readonly { readonly role: DrawnPod['role']; readonly values: readonly Value[] }[];
  readonly limits: readonly Value[];
  readonly limitName: string;
  readonly height: number;
}

/** Lines over time against a limit; null where nothing was measured. */
export function laneOf(
  { name, series, limits, limitName, height }: Strip,
  frame: Frame,
  top: number,
): Lane | null {
  const values = series.flatMap((one) => one.values.map(({ value }) => value));
  if (values.length === 0) return null;
  const limit = limits.toSorted((a, b) => a.at - b.at);
  const most = [...values, ...limit.map(({ value }) => value)].reduce((a, b) => Math.max(a, b), 1) * 1.08;
  const above = frame.font + 16;
  const bottom = top + above + height;
  const y = linear(most, bottom, top + above);
  const last = limit.at(-1);
  const drawn = h(
    'g',
    null,
    h('text', { class: 'name', x: 0, y: top + frame.font }, name),
    y.ticks(3).map((tick) => [
      h('line', {
        class: tick === 0 ? 'axis' : 'grid',
        x1: frame.left,
        x2: frame.width - frame.right,
        y1: round(y(tick)),
        y2: round(y(tick)),
      }),
      h('text', { x: frame.left - 8, y: round(y(tick)) + 4, 'text-anchor': 'end' }, String(tick)),
    ]),
    last === undefined
      ? null
      : [
          h('path', { class: 'limit', d: pathOf(stepped(limit, frame), frame.x, y) ?? '' }),
          h(
            'text',
            { class: 'limit-name', x: frame.left + 4, y: round(y(last.value)) - 5 },
            `${limitName} ${round(last.value)}`,
          ),
        ],
    // The pod that it is about lies above the others.
    series.toReversed().flatMap(({ role, values: points }) => {
      const d = pathOf(points, frame.x, y);
      return d === null ? [] : [h('path', { class: `line ${role}`, d }), ...dots(points, role, frame, y)];
    }),
  );
  return { drawn, bottom };
}

/** The limit over the whole axis: it was in force before the first look as well. */
function stepped(limit: readonly Value[], { x }: Frame): readonly Value[] {
  const [first] = limit;
  const last = limit.at(-1);
  const [from, to] = x.domain();
  if (first === undefined || last === undefined || from === undefined || to === undefined) return limit;
  return [{ at: from.getTime(), value: first.value }, ...limit, { at: to.getTime(), value: last.value }];
}

/** A lone point draws no line, so it gets a dot. */
function dots(
  points: readonly Value[],
  role: DrawnPod['role'],
  { x }: Frame,
  y: (value: number) => number,
): readonly ComponentChild[] {
  const [only] = points;
  if (only === undefined || points.length > 1) return [];
  return [h('circle', { class: `line ${role}`, cx: round(x(only.at)), cy: round(y(only.value)), r: 3 })];
}
