import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readHealth } from '../../functions/adapters/airflow/health-body.ts';
import { boundedRequest, type HttpRequest } from '../../functions/adapters/http/request.ts';
import { objectOf } from '../../functions/adapters/k8s/answer.ts';
import { createCluster } from '../../functions/adapters/k8s/cluster.ts';
import type { ClusterSession } from '../../functions/adapters/k8s/session.ts';
import { createSessions } from '../../functions/adapters/k8s/sessions.ts';
import type { PodFact } from '../../functions/core/pod.ts';
import type { Target } from '../../functions/core/target.ts';
import type { Cluster } from '../../functions/ports.ts';
import { movableClock, OPTIONS, TARGET, withoutTimes } from '../adapters/k8s/setup.ts';
import { kubeconfig } from '../rig/rig.ts';

/** The adapter against a real Kubernetes (test/rig), in a namespace of its own that is deleted at the end. */
const ADMIN = kubeconfig('watchdog').replace(/watchdog\.kubeconfig$/, 'admin-host.kubeconfig');
const NAMESPACE = `k8s-adapter-${process.pid}`;
const AT: Target = { ...TARGET, namespace: NAMESPACE };
const LONG = { deadlineMs: 20_000 };
const SERVER = `
import http.server, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == '/health' else 503); self.end_headers()
print('\\033[34mserving\\033[0m', flush=True)
http.server.ThreadingHTTPServer(('', 8974), Health).serve_forever()`;

const clock = movableClock();
const sessions = createSessions({ clock, env: process.env, home: '/nowhere' });
let admin: ClusterSession;
let watchdog: Cluster;

async function clusterOf(name: string): Promise<Cluster> {
  const session = await sessions.open({ path: join(dirname(ADMIN), `${name}.kubeconfig`), context: null });
  return createCluster({ session, clock, request: boundedRequest, readHealth });
}

async function asAdmin<Body extends object>(
  method: NonNullable<HttpRequest['method']>,
  path: string,
  body?: object,
): Promise<Body> {
  const headers = { ...(await admin.headers()), 'content-type': 'application/json' };
  const json = body && { body: JSON.stringify(body) };
  const ask = {
    url: admin.server + path,
    method,
    headers,
    dispatcher: admin.dispatcher,
    deadlineMs: 20_000,
    maxBytes: 1e7,
    ...json,
  };
  const answer = await boundedRequest(ask);
  if (answer.kind !== 'answer' || answer.status >= 300)
    throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return objectOf<Body>(answer.body) ?? ({} as Body);
}

async function until<Told>(look: () => Promise<Told | null>, seconds = 60): Promise<Told> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; await clock.sleep(250)) {
    const told = await look();
    if (told !== null) return told;
  }
  throw new Error(`not seen within ${seconds} s`);
}

/** The one scheduler pod that serves and is not terminating, other than the given one. */
const servingPod = (notUid = '') =>
  until<PodFact>(async () => {
    const told = await watchdog.pods(AT, OPTIONS);
    const pods = told.kind === 'answered' ? told.pods : [];
    const pod = pods.find(
      ({ uid, terminatingSince, container }) =>
        uid !== notUid && terminatingSince === null && container?.state === 'running',
    );
    if (pod === undefined) return null;
    const health = await watchdog.health(AT, pod, { port: 8974, path: '/health' }, OPTIONS);
    return health.kind === 'answered' ? pod : null;
  });

const rules = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'delete'] },
  { apiGroups: [''], resources: ['pods/proxy', 'pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['events'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets', 'replicasets'], verbs: ['get', 'list'] },
];
const group = { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'watchdogs' };
const container = {
  name: 'scheduler',
  image: 'rig.local/host:1',
  imagePullPolicy: 'Never',
  command: ['/usr/bin/python3', '-c', SERVER],
  resources: { limits: { memory: '128Mi' } },
  volumeMounts: [{ name: 'usr', mountPath: '/usr', readOnly: true }],
  // The command is missing, so the probe can never be started and kubelet throws every result away.
  livenessProbe: { exec: { command: ['/no/such/command'] }, periodSeconds: 2 },
};
const labels = { component: 'scheduler' };
const deployment = {
  metadata: { name: 'airflow-scheduler', annotations: { 'scheduler-watchdog/paused': 'anna: until noon' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 2,
        dnsPolicy: 'Default',
        automountServiceAccountToken: false,
        containers: [container],
        volumes: [{ name: 'usr', hostPath: { path: '/usr' } }],
      },
    },
  },
};
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;

beforeAll(async () => {
  admin = await sessions.open({ path: ADMIN, context: null });
  watchdog = await clusterOf('watchdog');
  await asAdmin('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
  await asAdmin('POST', `${rbac}/roles`, { metadata: { name: 'watchdog' }, rules });
  const roleRef = { kind: 'Role', apiGroup: group.apiGroup, name: 'watchdog' };
  await asAdmin('POST', `${rbac}/rolebindings`, {
    metadata: { name: 'watchdog' },
    roleRef,
    subjects: [group],
  });
  await asAdmin('POST', APPS, deployment);
  await servingPod();
});

afterAll(async () => {
  await asAdmin('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
  await sessions.close();
});

test.each(['watchdog', 'watchdog-cert', 'watchdog-exec'])('%s.kubeconfig lists the pod', async (name) => {
  const cluster = await clusterOf(name);
  const told = withoutTimes(await cluster.pods(AT, LONG));
  expect(told).toMatchObject({
    kind: 'answered',
    pods: [
      {
        component: 'scheduler',
        namespace: NAMESPACE,
        phase: 'Running',
        terminatingSince: null,
        graceSeconds: 2,
        node: 'rig-node',
        owner: { kind: 'ReplicaSet' },
        container: {
          name: 'scheduler',
          state: 'running',
          ready: true,
          restarts: 0,
          memoryLimitBytes: 128 * 2 ** 20,
        },
      },
    ],
    serverNow: expect.any(Number),
  });
  // Both clocks are this machine's; the header has whole seconds.
  const serverNow = told.kind === 'answered' ? (told.serverNow ?? 0) : 0;
  expect(Math.abs(serverNow - clock.now())).toBeLessThan(5_000);
});

test('the wanted replicas come from the Deployment', async () => {
  expect(withoutTimes(await watchdog.replicas(AT, LONG))).toEqual({
    kind: 'answered',
    byComponent: { scheduler: { wanted: 1, workloads: ['Deployment airflow-scheduler'] } },
  });
});

test('without a role nothing is listed, with a wrong token nothing is told', async () => {
  const nobody = await clusterOf('nobody');
  expect(await nobody.pods(AT, LONG)).toMatchObject({ kind: 'unreadable', cause: 'forbidden' });
  const session = {
    ...admin,
    dispatcher: admin.dispatcher,
    headers: async () => ({ authorization: 'Bearer wrong-token' }),
  };
  const stranger = createCluster({
    session: {
      ...session,
      dispatcher: (await sessions.open({ path: join(dirname(ADMIN), 'watchdog.kubeconfig'), context: null }))
        .dispatcher,
    },
    clock,
    request: boundedRequest,
    readHealth,
  });
  expect(await stranger.pods(AT, LONG)).toMatchObject({
    kind: 'unreadable',
    cause: 'unauthorized',
    detail: 'the API server answered 401: Unauthorized',
  });
});

test('health comes through the pod proxy, and the three kinds of silence are told apart', async () => {
  const pod = await servingPod();
  const health = async (port: number, path: string, name = pod.name) =>
    withoutTimes(await watchdog.health(AT, { ...pod, name }, { port, path }, LONG));
  expect(await health(8974, '/health')).toEqual({
    kind: 'answered',
    from: 'scheduler',
    status: 200,
    says: 'healthy',
    database: null,
    components: {},
  });
  expect(await health(8974, '/sick')).toMatchObject({ kind: 'answered', status: 503, says: 'unhealthy' });
  expect(await health(8975, '/health')).toMatchObject({ kind: 'unreachable', cause: 'refused' });
  expect(await health(8974, '/health', 'no-such-pod')).toMatchObject({
    kind: 'unreadable',
    cause: 'not-found',
  });
});

test('probes that cannot be started are seen, and memory without a metrics-server', async () => {
  const pod = await servingPod();
  const facts = await until(async () => {
    const told = await watchdog.kubelet(AT, [pod], [pod.uid], LONG);
    const mine = told.kind === 'answered' ? told.byUid[pod.uid] : undefined;
    return mine !== undefined && mine.probes.length > 0 && mine.memory !== null ? mine : null;
  });
  expect(facts.probes).toEqual([
    expect.objectContaining({
      kind: 'errored',
      message: expect.stringMatching(
        /^Liveness probe errored .*failed to start exec: OCI runtime exec failed/,
      ),
    }),
  ]);
  expect(facts.memory).toEqual({ workingSetBytes: expect.any(Number), limitBytes: 128 * 2 ** 20 });
});

test('logs and workload', async () => {
  const pod = await servingPod();
  expect(withoutTimes(await watchdog.logs(AT, pod, 'current', LONG))).toMatchObject({
    kind: 'answered',
    lines: expect.arrayContaining(['serving']),
  });
  expect(await watchdog.logs(AT, pod, 'previous', LONG)).toMatchObject({
    kind: 'unreadable',
    cause: 'not-found',
  });
  expect(withoutTimes(await watchdog.workload(AT, pod, LONG))).toEqual({
    kind: 'answered',
    name: 'airflow-scheduler',
    rollingOut: null,
    paused: 'anna: until noon',
  });
});

test('a dry run and a wrong uid remove nothing; the removal replaces the pod and is no rollout', async () => {
  const pod = await servingPod();
  const now = () => asAdmin<{ metadata: object }>('GET', `/api/v1/namespaces/${NAMESPACE}/pods/${pod.name}`);
  expect(await watchdog.remove(AT, pod, { ...LONG, dryRun: true })).toEqual({
    kind: 'deleted',
    status: 200,
    detail: 'dry run: the API server would have removed it, with a grace period of 2 s',
  });
  expect(await watchdog.remove(AT, { ...pod, uid: 'other' }, LONG)).toMatchObject({
    kind: 'replaced',
    status: 409,
  });
  expect((await now()).metadata).not.toHaveProperty('deletionTimestamp');
  const nobody = await clusterOf('nobody');
  expect(await nobody.remove(AT, pod, LONG)).toMatchObject({
    kind: 'forbidden',
    status: 403,
    detail: expect.stringMatching(/^the RBAC rules/),
  });

  expect(await watchdog.remove(AT, pod, LONG)).toMatchObject({ kind: 'deleted', status: 200 });
  const rollouts = new Set<string | null>();
  for (const end = Date.now() + 4_000; Date.now() < end; ) {
    const told = await watchdog.workload(AT, pod, LONG);
    rollouts.add(told.kind === 'answered' ? told.rollingOut : told.detail);
  }
  expect([...rollouts]).toEqual([null]);
  expect((await servingPod(pod.uid)).uid).not.toBe(pod.uid);
  await until(async () => ((await watchdog.remove(AT, pod, LONG)).kind === 'already-gone' ? true : null));
});

test('a new template is a rollout until the old pod is gone', async () => {
  const pod = await servingPod();
  const current = await asAdmin<typeof deployment>('GET', `${APPS}/airflow-scheduler`);
  current.spec.template.metadata = {
    ...current.spec.template.metadata,
    ...{ annotations: { changed: 'yes' } },
  };
  await asAdmin('PUT', `${APPS}/airflow-scheduler`, current);
  const rollingOut = async () => {
    const told = await watchdog.workload(AT, pod, LONG);
    return told.kind === 'answered' ? told.rollingOut : told.detail;
  };
  expect(await rollingOut()).not.toBeNull();
  await servingPod(pod.uid);
  await until(async () => ((await rollingOut()) === null ? true : null));
});

test('more than one page of pods', async () => {
  const number = 520;
  const create = async (index: number) =>
    asAdmin('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, {
      metadata: { name: `page-${index}`, labels: { component: 'page' } },
      spec: { schedulerName: 'nobody', containers: [{ name: 'x', image: 'rig.local/host:1' }] },
    });
  for (let from = 0; from < number; from += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, offset) => create(from + offset)));
  }
  const paged = {
    ...AT,
    components: [{ name: 'scheduler', selector: 'component=page', container: null }],
  } as const;
  const told = await watchdog.pods(paged, LONG);
  expect(told.kind === 'answered' && new Set(told.pods.map(({ uid }) => uid)).size).toBe(number);
});
