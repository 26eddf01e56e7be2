import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CAUSES } from '../../functions/core/cause.ts';
import { metricsOf } from '../../functions/core/metrics.ts';
import type { TickReport } from '../../functions/core/report.ts';

const CAUSE_NAMES = Object.keys(CAUSES);
const id = fc.stringMatching(/^target-[a-z0-9]{8}$/);
const pod = fc.record({
  cause: fc.constantFrom(...CAUSE_NAMES),
  signals: fc.record({
    heartbeat: fc.oneof(
      fc.constant(null),
      fc.record({ kind: fc.constant('unreachable') }),
      fc.record({ kind: fc.constant('answered'), ageSeconds: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
    ),
  }),
});
const decision = fc.oneof(
  fc.record({ kind: fc.constant('rest') }),
  fc.record({ kind: fc.constant('hold'), code: fc.constantFrom('blind', 'storm', 'cool-down') }),
  fc.record({ kind: fc.constant('remove'), pod: id }),
);
const target = fc.oneof(
  fc.record({ target: id, pods: fc.array(pod, { maxLength: 4 }), decision }),
  fc.record({ target: id, pods: fc.constant([]), decision, blind: id }),
);
const report = fc.record({
  scheduledAt: fc.integer(),
  targets: fc.array(target, { maxLength: 12 }),
  bad: fc.array(fc.record({ id }), { maxLength: 3 }),
  staleSince: fc.option(fc.integer()),
  nothingDone: fc.constant(null),
  storm: fc.boolean(),
  undelivered: fc.nat(),
  defects: fc.array(fc.string(), { maxLength: 2 }),
}) as unknown as fc.Arbitrary<TickReport>;

const valuesOf = (metrics: ReturnType<typeof metricsOf>, name: string) =>
  metrics.filter((metric) => metric.name === name).map(({ value }) => value);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test('pods by cause, holds by code and removals add up to what the report has', () => {
  fc.assert(
    fc.property(report, (given) => {
      const metrics = metricsOf(given, 1);
      const kinds = given.targets.map((one) => one.decision.kind);
      expect(sum(valuesOf(metrics, 'Pods'))).toBe(given.targets.flatMap(({ pods }) => pods).length);
      expect(sum(valuesOf(metrics, 'Holds'))).toBe(kinds.filter((kind) => kind === 'hold').length);
      expect(valuesOf(metrics, 'Removals')).toEqual([kinds.filter((kind) => kind === 'remove').length]);
      expect(valuesOf(metrics, 'AlertsUndelivered')).toEqual([given.undelivered]);
    }),
  );
});

test('the number of series does not grow with the number of targets, and none carries a name', () => {
  fc.assert(
    fc.property(report, (given) => {
      const metrics = metricsOf(given, 1);
      const series = metrics.map(({ name, dimension }) => `${name} ${dimension?.value ?? ''}`);
      expect(new Set(series).size).toBeLessThanOrEqual(9 + CAUSE_NAMES.length + 3);
      expect(series.join('\n')).not.toMatch(/target-[a-z0-9]{8}/);
    }),
  );
});

test('every cause has its value in every tick, so that a chart falls back to 0', () => {
  fc.assert(
    fc.property(report, (given) => {
      expect(valuesOf(metricsOf(given, 1), 'Pods')).toHaveLength(CAUSE_NAMES.length);
    }),
  );
});

test('a tick with a defect of ours does not count as complete', () => {
  fc.assert(
    fc.property(report, (given) => {
      expect(valuesOf(metricsOf(given, 1), 'TicksCompleted')).toEqual([given.defects.length === 0 ? 1 : 0]);
    }),
  );
});
