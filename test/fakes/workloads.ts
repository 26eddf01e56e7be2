import type { FoundContainer, FoundWorkload } from '../../functions/core/found-types.ts';

export const container = (name: string, change: Partial<FoundContainer> = {}): FoundContainer => ({
  name,
  image: 'apache/airflow:2.11.2',
  runs: '',
  env: {},
  healthProbePort: null,
  ...change,
});

export const workload = (
  name: string,
  podLabels: Readonly<Record<string, string>>,
  change: Partial<FoundWorkload> = {},
): FoundWorkload => ({
  kind: 'Deployment',
  name,
  namespace: 'airflow',
  labels: {},
  podLabels,
  matchLabels: podLabels,
  replicas: 1,
  containers: [container('main')],
  ...change,
});

/** The workloads of one release as the official chart makes them. */
export function officialChart(
  release: string,
  change: Partial<FoundWorkload> = {},
): readonly FoundWorkload[] {
  const one = (component: string, kind: FoundWorkload['kind'] = 'Deployment') =>
    workload(
      `${release}-${component}`,
      { tier: 'airflow', component, release },
      {
        kind,
        labels: { chart: 'airflow-1.18.0', heritage: 'Helm' },
        containers: [
          container(component, { runs: `bash -c exec airflow ${component}` }),
          container(`${component}-log-groomer`, { runs: 'bash /clean-logs' }),
        ],
        ...change,
      },
    );
  return [
    one('scheduler'),
    one('triggerer', 'StatefulSet'),
    one('dag-processor'),
    one('api-server'),
    one('worker', 'StatefulSet'),
  ];
}

/** As the community chart makes them: other labels, other names of containers, no dag-processor. */
export function communityChart(
  release: string,
  change: Partial<FoundWorkload> = {},
): readonly FoundWorkload[] {
  return ['scheduler', 'triggerer', 'web', 'worker'].map((component) =>
    workload(
      `${release}-${component}`,
      { app: 'airflow', component, release },
      {
        labels: { chart: 'airflow-8.9.0' },
        containers: [
          container('dags-git-sync', { image: 'registry.k8s.io/git-sync/git-sync:v3.6.9' }),
          container(`airflow-${component}`, {
            runs: `/usr/bin/dumb-init -- bash -c exec airflow ${component}`,
          }),
        ],
        ...change,
      },
    ),
  );
}
