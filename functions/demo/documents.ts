import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { LABELS, NAMESPACE } from './kube-objects.ts';

export const TARGET = 'demo-airflow';

export interface Places {
  readonly kube: string;
  readonly token: string;
  readonly slack: string;
  readonly pagerDuty: string;
  readonly databaseUrl: string;
  readonly heartbeatLimit: string;
}

/** The documents a user would write: a target, its channels, a kubeconfig, and the database's URL as a secret. Gives their folder. */
export async function writeDocuments(folder: string, places: Places): Promise<string> {
  const targets = join(folder, 'targets');
  await fs.mkdir(targets, { mode: 0o700 });
  const files = { [`${TARGET}.json`]: target(places), 'channels.json': channels(places) };
  for (const [name, document] of Object.entries(files)) {
    await fs.writeFile(join(targets, name), JSON.stringify(document, null, 2), { mode: 0o600 });
  }
  await fs.writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig(places)), { mode: 0o600 });
  await fs.writeFile(join(folder, 'database-url'), places.databaseUrl, { mode: 0o600 });
  return targets;
}

/** Shorter limits than anybody should set in earnest, so that the story fits into a minute; `failures` is the default. */
function target({ heartbeatLimit }: Places): object {
  const selector = Object.entries(LABELS)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return {
    id: TARGET,
    cluster: { kubeconfig: '../kubeconfig', context: 'demo' },
    namespace: NAMESPACE,
    components: { scheduler: { selector, container: 'scheduler' } },
    health: { podPort: 8974, path: '/health' },
    database: { engine: 'postgres', secret: 'file:../database-url' },
    policy: {
      mode: 'remediate',
      heartbeatLimit,
      startupGrace: '5s',
      databaseGrace: '1s',
      allowUnsafe: true,
      recoveryLimit: '1m',
    },
  };
}

function channels({ slack, pagerDuty }: Places): object {
  return {
    channels: {
      oncall: { type: 'pagerduty', routingKey: '0123456789abcdef0123456789abcdef', endpoint: pagerDuty },
      team: { type: 'slack', webhook: `${slack}/services/T0DEMO/B0DEMO/demo` },
    },
  };
}

function kubeconfig({ kube, token }: Places): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'demo', cluster: { server: kube } }],
    users: [{ name: 'watchdog', user: { token } }],
    contexts: [{ name: 'demo', context: { cluster: 'demo', user: 'watchdog' } }],
    'current-context': 'demo',
  };
}
