import type { FoundAirflow, FoundContainer, FoundWorkload, Origin } from './found-types.ts';

const HEALTH_SWITCH = 'AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK';
const HEALTH_PORT = 'AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT';
const DEFAULT_PORT = 8974;

/** The charts' labels: all three set `component` and `release`, the official one `tier: airflow`, the community's `app: airflow`. */
export function originOf({ labels, podLabels, containers }: FoundWorkload): Origin {
  const chart = labels.chart ?? labels['helm.sh/chart'] ?? '';
  if (/astro/.test(chart) || containers.some(({ image }) => /astronomer|astro-runtime/.test(image)))
    return 'astronomer';
  if (podLabels.tier === 'airflow' && podLabels.release !== undefined) return 'official';
  if (podLabels.app === 'airflow' && podLabels.release !== undefined) return 'community';
  return 'manifests';
}

export function healthOf(container: FoundContainer | undefined): FoundAirflow['health'] {
  const env = container?.env ?? {};
  const port = Number(env[HEALTH_PORT] ?? DEFAULT_PORT);
  const isPort = Number.isInteger(port) && port > 0 && port <= 65_535;
  if (/^(true|t|1|yes|on)$/i.test(env[HEALTH_SWITCH] ?? '') && isPort)
    return { kind: 'on', port, because: `${HEALTH_SWITCH} is true in the container's environment` };
  if (container?.healthProbePort != null)
    return { kind: 'on', port: container.healthProbePort, because: 'a probe of kubelet asks /health there' };
  if (env[HEALTH_SWITCH] === undefined)
    return { kind: 'unseen', because: `${HEALTH_SWITCH} is not in the container's own environment` };
  return { kind: 'off', because: `${HEALTH_SWITCH} is not true` };
}

export function engineOf(
  { namespace }: FoundWorkload,
  release: string,
  container: FoundContainer | undefined,
  all: readonly FoundWorkload[],
): FoundAirflow['engine'] {
  const env = container?.env ?? {};
  for (const name of ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', 'AIRFLOW__CORE__SQL_ALCHEMY_CONN']) {
    const [, scheme] = /^(mysql|postgres)/.exec(env[name] ?? '') ?? [];
    if (scheme !== undefined)
      return { name: scheme === 'mysql' ? 'mysql' : 'postgres', because: `${name} begins so` };
  }
  const beside = all.find(
    (one) =>
      one.namespace === namespace &&
      new RegExp(`^${release.replaceAll(/\W/g, '.')}-(mysql|mariadb|postgresql)`).test(one.name),
  );
  if (beside !== undefined)
    return {
      name: /mysql|mariadb/.test(beside.name) ? 'mysql' : 'postgres',
      because: `${beside.kind} ${beside.name} is beside it`,
    };
  return { name: 'postgres', because: 'the usual one; nothing here says' };
}
