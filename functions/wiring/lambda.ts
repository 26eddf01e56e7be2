import type { Metric } from '../core/metrics.ts';
import type { Settings } from './settings.ts';

/** Where a tick's figures go; nowhere when no namespace is set. */
export async function createPublisher({ metrics }: Settings): Promise<(metrics: readonly Metric[]) => void> {
  if (metrics === null) return () => {};
  const { createMetrics } = await import('../adapters/aws/metrics.ts');
  return createMetrics(metrics.namespace, metrics.service);
}

/** Only after a complete tick: silence is what the far side alarms on. Resolves to null, or to why it may not know. */
export async function tellDeadMansSwitch({ deadMansSwitchUrl, env }: Settings): Promise<string | null> {
  if (deadMansSwitchUrl === null) return null;
  const [{ callDeadMansSwitch }, { proxyFromEnvironment }] = await Promise.all([
    import('../adapters/http/dead-mans-switch.ts'),
    import('../adapters/http/proxy.ts'),
  ]);
  return callDeadMansSwitch(deadMansSwitchUrl, (url) => proxyFromEnvironment(url, env));
}
