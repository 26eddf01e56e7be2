import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteState } from '../../functions/adapters/local/sqlite-state.ts';
import type { Line } from '../../functions/core/check-up.ts';
import { NEW_STATE, type TargetState } from '../../functions/core/state.ts';
import { doctor } from '../../functions/flow/doctor.ts';
import { withExaminers } from '../../functions/wiring/examiners.ts';
import { readSettings } from '../../functions/wiring/settings.ts';
import { createAirflow, type PostgresWorld, postgresWorld } from '../adapters/airflow/worlds.ts';
import { type SlackStub, startSlackStub } from '../stubs/channels.ts';
import { insertJob, statsGrant } from '../support/airflow-schema.ts';
import { type KubeApiServer, podObject, startKubeApi, statusObject } from '../support/kube-api.ts';

export const PASSWORD = 'pw';
const APPS = '/apis/apps/v1/namespaces/airflow';
const CORE = '/api/v1/namespaces/airflow';

/** One target with everything it needs, all of it in order, until a test breaks a part. */
export interface Spot {
  readonly id: string;
  readonly pod: string;
  readonly api: KubeApiServer;
  /** `VERB RESOURCE` of those that the API server forbids. */
  readonly denied: Set<string>;
  readonly groups: string[];
  readonly document: Record<string, unknown>;
  readonly cluster: { server: string };
  readonly user: Record<string, unknown>;
  readonly env: Record<string, string>;
  readonly state: { current: Partial<TargetState> };
}

/** What all spots of one test file share. */
export interface DoctorWorld {
  readonly postgres: PostgresWorld;
  readonly slack: SlackStub;
  spot(id: string): Promise<Spot>;
  /** Runs the doctor of the real wiring over these targets. */
  examine(spots: readonly Spot[], change?: Partial<Shared>): Promise<readonly Line[]>;
  stop(): Promise<void>;
}

export interface Shared {
  readonly channels: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly send: boolean;
  readonly only: readonly string[];
  /** Called with the path of the state file before the doctor looks at it. */
  readonly onState: (path: string) => void | Promise<void>;
  readonly statePath: string;
}

export async function doctorWorld(): Promise<DoctorWorld> {
  const postgres = await postgresWorld();
  await postgres.createUser({ name: 'watchdog', password: PASSWORD });
  await createAirflow(postgres, 'airflow', 3, 'watchdog');
  await postgres.run('airflow', [statsGrant('postgres', 'watchdog')]);
  const slack = await startSlackStub();
  const apis: KubeApiServer[] = [];
  let jobs = 0;
  return {
    postgres,
    slack,
    async spot(id) {
      const api = await startKubeApi();
      apis.push(api);
      const pod = `scheduler-${id}`;
      jobs += 1;
      await postgres.run('airflow', [insertJob('postgres', { id: jobs, hostname: pod, heartbeatAgo: 2 })]);
      const spot = spotOf(id, pod, api, postgres.url('airflow', { name: 'watchdog', password: PASSWORD }));
      serve(spot);
      return spot;
    },
    examine: (spots, change = {}) => examine(spots, { slack, ...change }),
    async stop() {
      await Promise.all([...apis.map((api) => api.close()), slack.close(), postgres.stop()]);
    },
  };
}

function spotOf(id: string, pod: string, api: KubeApiServer, url: string): Spot {
  return {
    id,
    pod,
    api,
    denied: new Set(),
    groups: ['scheduler-watchdog', 'system:authenticated'],
    document: {
      namespace: 'airflow',
      cluster: { kubeconfig: `../${id}.kubeconfig` },
      components: { scheduler: { selector: 'component=scheduler' } },
      health: { podPort: 8974 },
      database: { engine: 'postgres', secret: `env:${variable(id)}` },
    },
    cluster: { server: api.url },
    user: { token: 'a-token-of-the-watchdog' },
    env: { [variable(id)]: url },
    state: { current: { ...NEW_STATE, lastTick: Date.now() - 20_000 } },
  };
}

export const variable = (id: string) => `DB_${id.replaceAll('-', '_').toUpperCase()}`;

const allowed = (spot: Spot, right: string, body: object | string) =>
  spot.denied.has(right) ? statusObject(403, 'Forbidden', `User "watchdog" cannot ${right}`) : { body };

/** Answers as a healthy cluster does, minus what is denied. */
function serve(spot: Spot): void {
  const { api, pod } = spot;
  const labels = { component: 'scheduler' };
  api.pods.set(`airflow/${pod}`, podObject(pod));
  api.on('POST /apis/authentication.k8s.io/v1/selfsubjectreviews', () => ({
    status: 201,
    body: { status: { userInfo: { username: 'watchdog', groups: spot.groups } } },
  }));
  api.on('POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', ({ body }) => {
    const { verb, group, resource, subresource } = JSON.parse(body).spec.resourceAttributes;
    const name = `${verb} ${resource}${subresource ? `/${subresource}` : ''}${group === 'metrics.k8s.io' ? `.${group}` : ''}`;
    return { status: 201, body: { status: { allowed: !spot.denied.has(name) } } };
  });
  const named = { name: 'airflow-scheduler' };
  const deployment = {
    kind: 'Deployment',
    metadata: named,
    spec: { replicas: 1, template: { metadata: { labels } } },
    status: { replicas: 1, updatedReplicas: 1 },
  };
  api.on(`GET ${APPS}/replicasets/airflow-scheduler-6c9`, () =>
    allowed(spot, 'get replicasets', {
      kind: 'ReplicaSet',
      metadata: { ownerReferences: [{ ...named, kind: 'Deployment', controller: true }] },
    }),
  );
  api.on(`GET ${APPS}/deployments/airflow-scheduler`, () => allowed(spot, 'get deployments', deployment));
  api.on(`GET ${APPS}/deployments`, () =>
    allowed(spot, 'list deployments', { kind: 'DeploymentList', items: [deployment] }),
  );
  api.on(`GET ${APPS}/statefulsets`, () =>
    allowed(spot, 'list statefulsets', { kind: 'StatefulSetList', items: [] }),
  );
  api.on(`GET ${CORE}/events`, () => allowed(spot, 'list events', { kind: 'EventList', items: [] }));
  api.on('GET /apis/metrics.k8s.io/v1beta1/namespaces/airflow/pods', () =>
    allowed(spot, 'list pods.metrics.k8s.io', {
      kind: 'PodMetricsList',
      items: [{ metadata: { name: pod }, containers: [{ name: 'scheduler', usage: { memory: '300Mi' } }] }],
    }),
  );
  api.on(`GET ${CORE}/pods/${pod}/log`, () => allowed(spot, 'get pods/log', 'one line\n'));
  api.on(`GET ${CORE}/pods/${pod}:8974/proxy/health`, () =>
    spot.denied.has('get pods/proxy')
      ? statusObject(403, 'Forbidden', 'User "watchdog" cannot get pods/proxy')
      : { headers: { server: 'BaseHTTP/0.6 Python/3.12.1' } },
  );
  serveDelete(spot, true);
}

export const POLICY =
  "ValidatingAdmissionPolicy 'scheduler-watchdog-delete' with binding 'scheduler-watchdog-delete' denied request:";

/** Deletes as on a cluster with, or without, infra/k8s/admission-policy.yml. A real delete fails the test that made it. */
export function serveDelete(spot: Spot, policy: boolean, refuse: string | null = null): void {
  const { api, pod, denied } = spot;
  api.on(`DELETE ${CORE}/pods/${pod}`, ({ body }) => {
    const options = JSON.parse(body);
    if (!options.dryRun?.includes('All')) throw new Error('this would really have deleted the pod');
    const forbidden = (why: string) => statusObject(403, 'Forbidden', `pods "${pod}" is forbidden: ${why}`);
    if (denied.has('delete pods')) return forbidden('User "watchdog" cannot delete resource "pods"');
    if (options.preconditions?.uid === undefined) throw new Error('a delete by name alone');
    if (policy && options.gracePeriodSeconds === 0)
      return forbidden(`${POLICY} the grace period must be above 0`);
    if (refuse !== null) return forbidden(`${POLICY} ${refuse}`);
    return { body: { kind: 'Pod', metadata: { deletionGracePeriodSeconds: 10 } } };
  });
}

async function examine(
  spots: readonly Spot[],
  shared: Partial<Shared> & { readonly slack: SlackStub },
): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-doctor-'));
  try {
    return await run(await layOut(folder, spots, shared), shared);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a watchdog of these targets is started with. */
export interface LaidOut {
  readonly targets: string;
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Writes documents, kubeconfigs and state of these targets into a folder. */
export async function layOut(
  folder: string,
  spots: readonly Spot[],
  shared: Partial<Shared> & { readonly slack: SlackStub },
): Promise<LaidOut> {
  const targets = join(folder, 'targets');
  mkdirSync(targets);
  for (const spot of spots) {
    writeFileSync(join(targets, `${spot.id}.json`), JSON.stringify(spot.document));
    writeFileSync(join(folder, `${spot.id}.kubeconfig`), kubeconfigOf(spot));
  }
  const channels = shared.channels ?? { oncall: { type: 'slack', webhook: 'env:SLACK' } };
  if (Object.keys(channels).length > 0)
    writeFileSync(join(targets, 'channels.json'), JSON.stringify({ channels }));
  for (const [name, text] of Object.entries(shared.files ?? {})) writeFileSync(join(targets, name), text);
  const state = shared.statePath ?? join(folder, 'scheduler-watchdog.db');
  if (shared.statePath === undefined) await saveStates(state, spots);
  await shared.onState?.(state);
  const env = Object.assign({}, ...spots.map((spot) => spot.env));
  return {
    targets,
    state: `sqlite:${state}`,
    env: { ...env, SLACK: shared.slack.webhookUrl, ...shared.env },
  };
}

async function run(
  { targets, state, env }: LaidOut,
  { send = false, only = [] }: Partial<Shared>,
): Promise<readonly Line[]> {
  const settings = readSettings({ targets, state }, env);
  return withExaminers(settings, {}, (ports, examiners) =>
    doctor({ only, send, onLines: () => {} }, ports, examiners),
  );
}

async function saveStates(path: string, spots: readonly Spot[]): Promise<void> {
  const store = await openSqliteState(path, { clock: { now: Date.now, sleep: async () => {} } });
  for (const { id, state } of spots) await store.save(id, state.current, 0);
  await store.close();
}

function kubeconfigOf({ cluster, user }: Spot): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'it',
    clusters: [{ name: 'it', cluster }],
    users: [{ name: 'it', user }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  });
}

/** The lines that somebody has to do something about, as `PREREQUISITE ABOUT`. */
export function redOf(lines: readonly Line[], target: string | null): string[] {
  return lines
    .filter((line) => line.target === target && (line.level === 'fail' || line.level === 'warn'))
    .map(({ prerequisite, about }) => (about === null ? prerequisite : `${prerequisite} ${about}`));
}
