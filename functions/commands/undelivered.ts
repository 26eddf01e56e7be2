import type { Undelivered } from '../core/report.ts';

/** `prod-airflow to oncall: not delivered: "…": PagerDuty does not know the routing key …` */
export function lineOfUndelivered({ target, channel, title, detail }: Undelivered): string {
  return `${target} to ${channel}: not delivered: "${title}": ${detail ?? 'waits for the one before it'}`;
}
