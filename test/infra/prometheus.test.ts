import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';
import { CAUSES } from '../../functions/core/cause.ts';
import { FAMILIES, fullName } from '../../functions/core/exposition-families.ts';
import { HOLD_CODES } from '../../functions/core/guards.ts';

const folder = join(import.meta.dirname, '../../infra/prometheus');
const rules = parse(readFileSync(join(folder, 'alerts.yml'), 'utf8')) as {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly for?: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly description: string };
    }[];
  }[];
};
interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}
const dashboard = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};

/** Every series that /metrics may have, with its labels. */
const SERIES = new Map<string, readonly string[]>(
  Object.entries(FAMILIES).flatMap(([family, { type, labels }]): [string, readonly string[]][] => {
    const name = fullName(family as keyof typeof FAMILIES);
    if (type === 'counter') return [[`${name}_total`, labels]];
    if (type === 'gauge') return [[name, labels]];
    return [
      [`${name}_bucket`, [...labels, 'le']],
      [`${name}_sum`, labels],
      [`${name}_count`, labels],
    ];
  }),
);

/** Errors, series names and label matchers of one expression. */
function read(expr: string) {
  // Grafana's own variables stand where PromQL wants a text.
  const text = expr.replaceAll(/\$\w+/g, '.*');
  const errors: string[] = [];
  const names: string[] = [];
  const matchers: { readonly label: string; readonly value: string }[] = [];
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      const at = text.slice(from, to);
      if (type.isError) errors.push(`${text.slice(0, from)}⟨here⟩${text.slice(from)}`);
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') names.push(at);
      const matcher = type.name.endsWith('LabelMatcher')
        ? /^(\w+)\s*(?:=~|!~|!=|=)\s*"(.*)"$/s.exec(at)
        : null;
      if (matcher !== null) matchers.push({ label: matcher[1] ?? '', value: matcher[2] ?? '' });
    },
  });
  return { errors, names, matchers };
}

const FROM_THE_SCRAPE = ['job', 'instance'];
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  cause: Object.keys(CAUSES),
  code: HOLD_CODES,
  end: ['complete', 'nothing-done', 'defect', 'failed'],
};

const expressions = [
  ...rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => ({ from: alert, expr }))),
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ from: `panel ${title}`, expr })),
  ),
];

test('a broken expression, a name and a matcher are seen by the reader itself', () => {
  expect(read('sum(a{b="c"} > ').errors).not.toEqual([]);
  expect(read('sum by (x) (rate(a_total{b=~"c|d"}[5m])) / on (y) e')).toEqual({
    errors: [],
    names: ['a_total', 'e'],
    matchers: [{ label: 'b', value: 'c|d' }],
  });
});

test.each(expressions)(
  '$from is PromQL over series that /metrics has, by labels and values that there are',
  ({ expr }) => {
    const { errors, names, matchers } = read(expr);
    expect(errors).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => name !== 'up' && !SERIES.has(name))).toEqual([]);
    const labels = [...FROM_THE_SCRAPE, ...names.flatMap((name) => SERIES.get(name) ?? [])];
    expect(matchers.filter(({ label }) => !labels.includes(label))).toEqual([]);
    const unknown = matchers.flatMap(({ label, value }) =>
      (CLOSED[label] === undefined ? [] : value.split('|')).filter((one) => !CLOSED[label]?.includes(one)),
    );
    expect(unknown).toEqual([]);
    const grouped = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
      list.split(', '),
    );
    expect(grouped.filter((label) => !labels.includes(label))).toEqual([]);
  },
);

test('each alert has a severity, a summary and what to do, and its name once', () => {
  const all = rules.groups.flatMap((group) => group.rules);
  expect(new Set(all.map(({ alert }) => alert)).size).toBe(all.length);
  for (const { labels, annotations, for: lasts = '1m' } of all) {
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary.length).toBeGreaterThan(10);
    expect(annotations.description.length).toBeGreaterThan(30);
    expect(lasts).toMatch(/^\d+[smh]$/);
  }
});

test('every series is on the dashboard or in an alert, but the sums of the histogram', () => {
  const used = new Set([
    ...expressions.flatMap(({ expr }) => read(expr).names),
    ...dashboard.templating.list.flatMap(
      ({ definition = '' }) => definition.match(/scheduler_watchdog_\w+/g) ?? [],
    ),
  ]);
  expect([...SERIES.keys()].filter((name) => !used.has(name))).toEqual([
    'scheduler_watchdog_tick_seconds_sum',
    'scheduler_watchdog_tick_seconds_count',
  ]);
});

test('no two panels of the dashboard lie on one another', () => {
  const isApart = (a: Panel['gridPos'], b: Panel['gridPos']) =>
    a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
  const overlaps = dashboard.panels.flatMap((one, at) =>
    dashboard.panels
      .slice(at + 1)
      .filter((other) => !isApart(one.gridPos, other.gridPos))
      .map(({ title }) => `${one.title} / ${title}`),
  );
  expect(overlaps).toEqual([]);
  expect(dashboard.panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([]);
});
