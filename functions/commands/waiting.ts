import type { Waiting } from '../core/report.ts';

/** `prod-airflow to oncall: not delivered: "…": PagerDuty does not know the routing key …` */
export function lineOfWaiting({ target, channel, title, detail }: Waiting): string {
  return `${target} to ${channel}: not delivered: "${title}": ${detail ?? 'waits for the one before it'}`;
}
