import { scaleUtc } from 'd3-scale';
import { type ComponentChild, h } from 'preact';
import { isoOf } from '../core/time.ts';
import type { FleetReport } from './fleet-report.ts';

/** For a desk, and for a phone with each name above its strip. */
const FRAMES = {
  wide: { width: 900, left: 190, row: 26, days: 6, above: 0, chars: 25 },
  narrow: { width: 400, left: 4, row: 42, days: 3, above: 16, chars: 50 },
} as const;

/** One strip per target on one axis of days; a mark per incident, as long as it lasted. */
export function strips(report: FleetReport): ComponentChild {
  const { targets, incidents: all } = report;
  const ids = [...new Set([...targets.map(({ id }) => id), ...all.map(({ target }) => target)])];
  const rows = ids.filter((id) => all.some(({ target }) => target === id));
  if (rows.length === 0) return null;
  return h('figure', { class: 'card' }, stripsIn(report, rows, 'wide'), stripsIn(report, rows, 'narrow'));
}

function stripsIn(
  { incidents: all, from, madeAt }: FleetReport,
  rows: readonly string[],
  kind: keyof typeof FRAMES,
): ComponentChild {
  const { width, left, row, days, above, chars } = FRAMES[kind];
  const x = scaleUtc([from, madeAt], [left, width - 24]);
  const height = rows.length * row + 30;
  const label = `${all.length} incidents of ${rows.length} targets over 30 days; the table below has each`;
  return h(
    'svg',
    { class: kind, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label, fontSize: 12.5 },
    x.ticks(days).map((tick) => dayOf(Math.round(x(tick)), isoOf(tick.getTime()).slice(5, 10), height)),
    rows.map((id, index) => {
      const y = index * row + 6 + above;
      const name = id.length > chars ? `…${id.slice(1 - chars)}` : id;
      return [
        h('text', { class: 'name', x: 0, y: above === 0 ? y + 13 : y - 4 }, name),
        h('line', { class: 'axis', x1: left, x2: width - 24, y1: y + 9, y2: y + 9 }),
        all
          .filter(({ target }) => target === id)
          .map(({ since, endedAt, severity }) => {
            const begin = Math.max(left, x(since));
            const long = Math.max(3, x(endedAt ?? madeAt) - begin);
            const look = severity === 'critical' ? 'f-sick' : 'f-passing';
            return h('rect', {
              class: look,
              x: Math.round(begin),
              y: y + 2,
              width: Math.round(long),
              height: 14,
              rx: 2,
            });
          }),
      ];
    }),
  );
}

function dayOf(place: number, text: string, height: number): ComponentChild {
  return h(
    'g',
    { transform: `translate(${place} 0)` },
    h('line', { class: 'grid', y1: 0, y2: height - 22 }),
    h('text', { y: height - 6, 'text-anchor': 'middle' }, text),
  );
}
