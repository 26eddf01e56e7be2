import { Counter, Gauge, Histogram, type OpenMetricsContentType, Registry } from 'prom-client';
import { AT_START, type Exposition, type Sample } from '../../core/exposition.ts';
import { FAMILIES, type FamilyName, fullName } from '../../core/exposition-families.ts';

/** Ticks take a second or two when all is well, and 50 s at most. */
const TICK_BUCKETS = [0.5, 1, 2.5, 5, 10, 20, 30, 50, 60];

export interface Exporter {
  show(exposition: Exposition): void;
  /** OpenMetrics text. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Keeps what was shown last, with counters since the start of this process. */
export function createExporter(version: string, intervalSeconds: number): Exporter {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const gauges = new Map<FamilyName, Gauge>();
  const counters = new Map<FamilyName, Counter>();
  const histograms = new Map<FamilyName, Histogram>();
  for (const [key, { type, help, labels }] of Object.entries(FAMILIES)) {
    const family = key as FamilyName;
    const one = { name: fullName(family), help, labelNames: labels, registers: [registry] };
    if (type === 'gauge') gauges.set(family, new Gauge(one));
    else if (type === 'counter') counters.set(family, new Counter({ ...one, name: `${one.name}_total` }));
    else histograms.set(family, new Histogram({ ...one, buckets: TICK_BUCKETS }));
  }
  const add = ({ family, labels, value }: Sample) => {
    counters.get(family)?.inc(labels, value);
    histograms.get(family)?.observe(labels, value);
  };
  for (const sample of AT_START) add(sample);
  gauges.get('build_info')?.set({ version }, 1);
  gauges.get('tick_interval_seconds')?.set(intervalSeconds);
  return {
    contentType: registry.contentType,
    show({ gauges: shown, added }) {
      // A target that left the list leaves its series behind otherwise.
      for (const family of new Set(shown.map((one) => one.family))) gauges.get(family)?.reset();
      if (shown.length > 0)
        for (const family of ['heartbeat_age_seconds', 'heartbeat_limit_seconds'] as const)
          gauges.get(family)?.reset();
      for (const { family, labels, value } of shown) gauges.get(family)?.set(labels, value);
      for (const sample of added) add(sample);
    },
    text: () => registry.metrics(),
  };
}
