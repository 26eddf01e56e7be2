import { insertJob } from '../support/airflow-schema.ts';
import { podObject, statusObject } from '../support/kube-api.ts';
import { type DoctorWorld, PASSWORD, type Spot, serveDelete, variable } from './world.ts';

/** One fault, and every line that has to be red because of it, and no other. */
export interface Plant {
  readonly name: string;
  readonly red: readonly string[] | ((spot: Spot) => readonly string[]);
  readonly plant: (spot: Spot, world: DoctorWorld) => void | Promise<void>;
}

const PODS = '/api/v1/namespaces/airflow/pods';
const proxyOf = ({ pod }: Spot) => `GET ${PODS}/${pod}:8974/proxy/health`;
const port = ({ pod }: Spot) => [`health-port ${pod}:8974/health`];

function denies(...rights: readonly string[]) {
  return ({ denied }: Spot) => {
    for (const right of rights) denied.add(right);
  };
}

const secret = (change: (url: URL) => void) => (spot: Spot) => {
  const url = new URL(spot.env[variable(spot.id)] ?? '');
  change(url);
  spot.env[variable(spot.id)] = url.href;
};

/** A login of its own with exactly these statements run for it, in a database of its own where one is named. */
const account =
  (name: string, statements: (role: string) => readonly string[], database = 'airflow') =>
  async (spot: Spot, world: DoctorWorld) => {
    await world.postgres.createUser({ name, password: PASSWORD });
    await world.postgres.run(database, statements(name));
    spot.env[variable(spot.id)] = world.postgres.url(database, { name, password: PASSWORD });
  };

/** The grants of the page, but for one table. */
const without = (table: string) => async (role: string) => {
  const { grants, statsGrant } = await import('../support/airflow-schema.ts');
  return [...grants('postgres', 3, role, table), statsGrant('postgres', role)];
};

const less = (name: string, table: string) => async (spot: Spot, world: DoctorWorld) =>
  account(name, await without(table)(name).then((list) => () => list))(spot, world);

export const CLUSTER_PLANTS: readonly Plant[] = [
  {
    name: 'a kubeconfig that is not there',
    red: ['cluster-session'],
    plant: ({ document }) => {
      document.cluster = { kubeconfig: './nowhere' };
    },
  },
  {
    name: 'an exec plugin that is not installed',
    red: ['cluster-session'],
    plant: ({ user }) => {
      user.exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'no-such-plugin',
        interactiveMode: 'Never',
      };
    },
  },
  {
    name: 'an API server whose name does not resolve',
    red: ['cluster-name'],
    plant: ({ cluster }) => {
      cluster.server = 'https://nowhere.invalid:6443';
    },
  },
  {
    name: 'an API server that takes no connections',
    red: ['cluster-port'],
    plant: async ({ api }) => {
      await api.close();
    },
  },
  {
    name: 'an API server that does not speak TLS',
    red: ['cluster-tls'],
    plant: ({ cluster }) => {
      cluster.server = cluster.server.replace('http:', 'https:');
    },
  },
  {
    name: 'a token that is not accepted',
    red: ['cluster-login'],
    plant: ({ api }) =>
      api.on(
        'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
        statusObject(401, 'Unauthorized', 'Unauthorized'),
      ),
  },
  {
    name: 'an administrator as login',
    red: ['cluster-excess'],
    plant: ({ groups }) => void groups.push('system:masters'),
  },
  {
    name: 'a clock that is ten minutes off',
    red: ['cluster-clock'],
    plant: ({ api, pod }) =>
      api.on(`GET ${PODS}`, () => ({
        headers: { date: new Date(Date.now() - 600_000).toUTCString() },
        body: { kind: 'PodList', items: [podObject(pod)] },
      })),
  },
  {
    name: 'no right to delete',
    red: ['right delete pods', 'dry-run scheduler'],
    plant: denies('delete pods'),
  },
  { name: 'no right to get pods', red: ['right get pods'], plant: denies('get pods') },
  {
    name: 'no right to list pods',
    red: ['right list pods', 'pods'],
    plant: ({ api, denied }) => {
      denied.add('list pods');
      api.on(`GET ${PODS}`, statusObject(403, 'Forbidden', 'User "watchdog" cannot list resource "pods"'));
    },
  },
  {
    name: 'no right to the pod proxy',
    red: (spot) => ['right get pods/proxy', ...port(spot)],
    plant: denies('get pods/proxy'),
  },
  { name: 'no right to logs', red: ['right get pods/log', 'logs'], plant: denies('get pods/log') },
  { name: 'no right to events', red: ['right list events', 'events'], plant: denies('list events') },
  {
    name: 'no right to get deployments',
    red: ['right get deployments', 'workload'],
    plant: denies('get deployments'),
  },
  {
    name: 'no right to get replica sets',
    red: ['right get replicasets', 'workload'],
    plant: denies('get replicasets'),
  },
  {
    name: 'no right to get stateful sets',
    red: ['right get statefulsets'],
    plant: denies('get statefulsets'),
  },
  {
    name: 'no right to list deployments',
    red: ['right list deployments', 'replicas'],
    plant: denies('list deployments'),
  },
  {
    name: 'no right to list stateful sets',
    red: ['right list statefulsets', 'replicas'],
    plant: denies('list statefulsets'),
  },
  {
    name: 'no right to metrics',
    red: ['right list pods.metrics.k8s.io', 'memory'],
    plant: denies('list pods.metrics.k8s.io'),
  },
  {
    name: 'no metrics server',
    red: ['memory'],
    plant: ({ api }) =>
      api.on(
        'GET /apis/metrics.k8s.io/v1beta1/namespaces/airflow/pods',
        statusObject(404, 'NotFound', 'the server could not find the requested resource'),
      ),
  },
  {
    name: 'a selector that matches nothing',
    red: ['pods scheduler'],
    plant: ({ document }) => {
      document.components = { scheduler: { selector: 'component=sheduler' } };
    },
  },
  {
    name: 'a container that is called otherwise',
    red: ['pods scheduler'],
    plant: ({ document }) => {
      document.components = { scheduler: { selector: 'component=scheduler', container: 'airflow' } };
    },
  },
  {
    name: 'a bare pod',
    red: ['owner scheduler', 'workload'],
    plant: ({ api, pod }) =>
      void api.pods.set(`airflow/${pod}`, podObject(pod, { metadata: { ownerReferences: [] } })),
  },
  {
    name: 'a rollout under way',
    red: ['workload'],
    plant: ({ api }) =>
      api.on('GET /apis/apps/v1/namespaces/airflow/deployments/airflow-scheduler', {
        body: {
          kind: 'Deployment',
          metadata: { name: 'airflow-scheduler' },
          spec: { replicas: 1 },
          status: { replicas: 2, updatedReplicas: 1 },
        },
      }),
  },
  {
    name: 'a scheduler too few',
    red: ['replicas scheduler'],
    plant: ({ api }) =>
      api.on('GET /apis/apps/v1/namespaces/airflow/deployments', {
        body: {
          kind: 'DeploymentList',
          items: [
            {
              metadata: { name: 'airflow-scheduler' },
              spec: { replicas: 2, template: { metadata: { labels: { component: 'scheduler' } } } },
            },
          ],
        },
      }),
  },
  {
    name: "an admission policy that does not know this pod's label",
    red: ['dry-run scheduler'],
    plant: (spot) =>
      serveDelete(spot, true, "the pod's label component is none of scheduler, triggerer, dag-processor"),
  },
  { name: 'no admission policy', red: ['admission-policy'], plant: (spot) => serveDelete(spot, false) },
  {
    name: 'nobody at the health port',
    red: port,
    plant: (spot) =>
      spot.api.on(
        proxyOf(spot),
        statusObject(
          503,
          'ServiceUnavailable',
          'error trying to reach service: dial tcp 10.244.0.5:8974: connect: connection refused',
        ),
      ),
  },
  {
    name: 'a web server at the health port',
    red: port,
    plant: (spot) =>
      spot.api.on(proxyOf(spot), {
        headers: { server: 'uvicorn' },
        body: {
          metadatabase: { status: 'healthy' },
          scheduler: { status: 'healthy', latest_scheduler_heartbeat: new Date().toISOString() },
        },
      }),
  },
  {
    name: 'a health URL where nothing listens',
    red: ['health-url http://127.0.0.1:9/health'],
    plant: ({ document }) => {
      document.health = [{ podPort: 8974 }, { url: 'http://127.0.0.1:9/health' }];
    },
  },
  {
    name: 'an annotation that pauses the workload',
    red: ['mode'],
    plant: ({ api }) =>
      api.on('GET /apis/apps/v1/namespaces/airflow/deployments/airflow-scheduler', {
        body: {
          kind: 'Deployment',
          metadata: { name: 'airflow-scheduler', annotations: { 'scheduler-watchdog/paused': 'upgrade' } },
          spec: { replicas: 1 },
          status: { replicas: 1, updatedReplicas: 1 },
        },
      }),
  },
  {
    name: 'a pause in the state',
    red: ['mode'],
    plant: ({ state }) => {
      state.current = {
        ...state.current,
        pause: { by: 'ann', reason: 'node upgrade', until: Date.now() + 3_600_000 },
      };
    },
  },
];

export const DATABASE_PLANTS: readonly Plant[] = [
  {
    name: 'a secret that is not set',
    red: ['database-secret'],
    plant: (spot) => {
      delete spot.env[variable(spot.id)];
    },
  },
  {
    name: 'a secret for another engine',
    red: ['database-secret'],
    plant: (spot) => {
      spot.env[variable(spot.id)] = 'mysql://watchdog:pw@127.0.0.1:3306/airflow';
    },
  },
  {
    name: 'a database whose name does not resolve',
    red: ['database-name'],
    plant: (spot) => {
      spot.env[variable(spot.id)] = 'postgresql://watchdog:pw@nowhere.invalid:5432/airflow';
    },
  },
  {
    name: 'a database that takes no connections',
    red: ['database-port'],
    plant: secret((url) => {
      url.port = '9';
    }),
  },
  {
    name: 'a database that offers no encryption',
    red: ['database-tls'],
    plant: secret((url) => url.searchParams.set('sslmode', 'require')),
  },
  {
    name: 'a wrong password',
    red: ['database-login'],
    plant: secret((url) => {
      url.password = 'another';
    }),
  },
  {
    name: 'a database that is not there',
    red: ['database-login'],
    plant: secret((url) => {
      url.pathname = '/airlfow';
    }),
  },
  { name: 'no grant on heartbeats', red: ['grant job'], plant: less('no_job', 'job') },
  { name: 'no grant on DAGs', red: ['grant dag', 'grant dag (parsing)'], plant: less('no_dag', 'dag') },
  { name: 'no grant on runs', red: ['grant dag_run'], plant: less('no_runs', 'dag_run') },
  {
    name: 'no grant on tasks',
    red: ['grant task_instance', 'grant task_instance (deferred)'],
    plant: less('no_tasks', 'task_instance'),
  },
  { name: 'no grant on triggers', red: ['grant trigger'], plant: less('no_triggers', 'trigger') },
  {
    name: 'no grant on files that fail',
    red: ['grant import_error'],
    plant: less('no_failures', 'import_error'),
  },
  { name: 'no grant on pools', red: ['grant slot_pool'], plant: less('no_pools', 'slot_pool') },
  {
    name: 'no grant on serialized DAGs',
    red: ['grant dag_version'],
    plant: less('no_version', 'dag_version'),
  },
  {
    name: 'no grant on the migration',
    red: ['grant alembic_version'],
    plant: less('no_alembic', 'alembic_version'),
  },
  {
    name: 'an account that may write',
    red: ['database-excess'],
    plant: async (spot, world) => {
      const list = await without('')('writer');
      await account('writer', () => [...list, 'GRANT UPDATE ON job TO writer'])(spot, world);
    },
  },
  {
    name: 'the database of another Airflow',
    red: ['heartbeats scheduler'],
    plant: async ({ pod }, { postgres }) => {
      await postgres.run('airflow', [
        `DELETE FROM job WHERE hostname = '${pod}'`,
        insertJob('postgres', { id: 9_000, hostname: 'somebody-else', heartbeatAgo: 2 }),
      ]);
    },
  },
  {
    name: 'no right to see who holds locks',
    red: ['locks'],
    plant: async (spot, world) => {
      const list = await without('')('no_stats');
      await account('no_stats', () => list.slice(0, -1))(spot, world);
    },
  },
  {
    name: "a database that is not Airflow's",
    red: [
      'database-schema',
      ...[
        'job',
        'dag',
        'dag_run',
        'task_instance',
        'slot_pool',
        'dag_version',
        'trigger',
        'task_instance (deferred)',
        'dag (parsing)',
        'import_error',
        'alembic_version',
      ].map((table) => `grant ${table}`),
    ],
    plant: async (spot, world) => {
      await world.postgres.run('', ['CREATE DATABASE wordpress']);
      await account('wordpress', (role) => [`GRANT pg_read_all_stats TO ${role}`], 'wordpress')(spot, world);
    },
  },
];
