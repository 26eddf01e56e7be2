import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Metric } from '../../core/metrics.ts';

/** Writes metrics as lines that CloudWatch reads from the log (embedded metric format): no call, nothing to wait for. */
export function createMetrics(namespace: string, service: string): (metrics: readonly Metric[]) => void {
  const common = new Metrics({ namespace, serviceName: service });
  return (metrics) => {
    for (const { name, unit, value, dimension } of metrics) {
      if (dimension === undefined) {
        common.addMetric(name, MetricUnit[unit], value);
        continue;
      }
      const single = common.singleMetric();
      single.addDimension(dimension.name, dimension.value);
      single.addMetric(name, MetricUnit[unit], value);
    }
    common.publishStoredMetrics();
  };
}
