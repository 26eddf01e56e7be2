/**
 * What somebody can do who has stolen the watchdog's credentials: `infra/k8s` as users apply it, on a real API server.
 * UPDATE_GOLDEN=1 writes the table of docs/security.md; every other run compares with it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { request } from '../../functions/adapters/http/undici.ts';
import type { ClusterSession } from '../../functions/adapters/k8s/session.ts';
import { createSessions } from '../../functions/adapters/k8s/sessions.ts';
import { createClock } from '../../functions/adapters/local/clock.ts';
import { kubeconfig, kubectl } from '../rig/rig.ts';

const root = join(import.meta.dirname, '../..');
const NAMESPACE = `stolen-${process.pid}`;
const OTHER = `${NAMESPACE}-other`;
const folder = mkdtempSync(join(tmpdir(), 'watchdog-stolen-'));
const clock = createClock();
const sessions = createSessions({ clock, env: process.env, home: '/nowhere' });
let thief: ClusterSession;
/** Names and uids of the pods by their role in the story. */
const pods = new Map<string, { readonly name: string; readonly uid: string }>();

const SERVER = `
import http.server
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{}')
http.server.ThreadingHTTPServer(('', 8974), Health).serve_forever()`;

const podSpec = {
  terminationGracePeriodSeconds: 1,
  dnsPolicy: 'Default',
  automountServiceAccountToken: false,
  containers: [
    {
      name: 'main',
      image: 'rig.local/host:1',
      imagePullPolicy: 'Never',
      command: ['/usr/bin/python3', '-c', SERVER],
      volumeMounts: [{ name: 'usr', mountPath: '/usr', readOnly: true }],
    },
  ],
  volumes: [{ name: 'usr', hostPath: { path: '/usr' } }],
};

function workload(kind: 'Deployment' | 'StatefulSet' | 'Job', component: string, labels: object) {
  const template = {
    metadata: { labels },
    spec: kind === 'Job' ? { ...podSpec, restartPolicy: 'Never' } : podSpec,
  };
  const selector = { matchLabels: labels };
  const spec = kind === 'Job' ? { template } : { replicas: 1, selector, template, serviceName: component };
  const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1';
  if (kind === 'Deployment') Reflect.deleteProperty(spec, 'serviceName');
  return { apiVersion, kind, metadata: { name: component, namespace: NAMESPACE }, spec };
}

const bare = (name: string, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { component: 'scheduler' } },
  spec: podSpec,
});

async function apply(...objects: readonly object[]): Promise<void> {
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await kubectl('apply', '-f', file);
}

/** The files of infra/k8s as they are, but for the namespace. */
async function applyOurs(name: string): Promise<void> {
  const file = join(folder, name);
  const text = readFileSync(join(root, 'infra/k8s', name), 'utf8');
  writeFileSync(file, text.replaceAll('namespace: airflow', `namespace: ${NAMESPACE}`));
  await kubectl('apply', '-f', file);
}

async function podOf(role: string, selector: string): Promise<void> {
  await kubectl('-n', NAMESPACE, 'wait', 'pod', '-l', selector, '--for=condition=Ready', '--timeout=120s');
  const path = '{.items[0].metadata.name} {.items[0].metadata.uid}';
  const [name = '', uid = ''] = (
    await kubectl('-n', NAMESPACE, 'get', 'pod', '-l', selector, '-o', `jsonpath=${path}`)
  ).split(' ');
  pods.set(role, { name, uid });
}

beforeAll(async () => {
  thief = await sessions.open({ path: kubeconfig('stolen'), context: null });
  const namespaces = [NAMESPACE, OTHER].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
  await apply(...namespaces);
  for (const file of ['rbac.yml', 'admission-policy.yml', 'network-policy.yml']) await applyOurs(file);
  await apply(
    workload('Deployment', 'scheduler', { component: 'scheduler' }),
    workload('StatefulSet', 'triggerer', { component: 'triggerer' }),
    workload('Deployment', 'webserver', { component: 'webserver' }),
    workload('Job', 'job', { component: 'scheduler', of: 'job' }),
    bare('bare', NAMESPACE),
    bare('far', OTHER),
  );
  await podOf('scheduler', 'component=scheduler,pod-template-hash');
  await podOf('triggerer', 'component=triggerer');
  await podOf('webserver', 'component=webserver');
  await podOf('job', 'of=job');
  pods.set('bare', {
    name: 'bare',
    uid: await kubectl('-n', NAMESPACE, 'get', 'pod', 'bare', '-o', 'jsonpath={.metadata.uid}'),
  });
  pods.set('far', {
    name: 'far',
    uid: await kubectl('-n', OTHER, 'get', 'pod', 'far', '-o', 'jsonpath={.metadata.uid}'),
  });
  for (
    const end = Date.now() + 60_000;
    (await seen(ATTEMPTS[0])) !== ATTEMPTS[0]?.expected;
    await clock.sleep(500)
  )
    if (Date.now() > end) throw new Error('the admission policy is not in force after 60 s');
});

afterAll(async () => {
  await kubectl('delete', 'namespace', NAMESPACE, OTHER, '--wait=false');
  for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'])
    await kubectl('delete', kind, 'scheduler-watchdog-delete', 'scheduler-watchdog-proxy');
  await sessions.close();
  rmSync(folder, { recursive: true });
});

interface Attempt {
  readonly name: string;
  readonly expected: string;
  readonly ask: () => Ask;
}
interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;
const pod = (role: string) => pods.get(role) ?? { name: role, uid: 'unknown' };

function removal(
  role: string,
  options: object = {},
  more: { readonly query?: string; readonly in?: string } = {},
) {
  return (): Ask => ({
    method: 'DELETE',
    path: `/api/v1/namespaces/${more.in ?? NAMESPACE}/pods/${pod(role).name}${more.query ?? ''}`,
    body: { dryRun: ['All'], preconditions: { uid: pod(role).uid }, ...options },
  });
}

const get = (path: string | (() => string)) => (): Ask => ({
  method: 'GET',
  path: typeof path === 'string' ? path : path(),
});
const post =
  (path: () => string, body: object = {}, headers = {}) =>
  (): Ask => ({
    method: 'POST',
    path: path(),
    body,
    headers,
  });
const proxy = (role: string, rest: string, before = '') =>
  get(() => `${CORE}/pods/${before}${pod(role).name}${rest}`);

const NO_UID = '403 policy: preconditions.uid is missing';
const NO_LABEL = "403 policy: the pod's label component is none of scheduler, triggerer, dag-processor";
const NO_OWNER = '403 policy: no ReplicaSet or StatefulSet would replace the pod';

const ATTEMPTS: readonly Attempt[] = [
  {
    name: 'delete the scheduler without its uid',
    expected: NO_UID,
    ask: removal('scheduler', { preconditions: {} }),
  },
  { name: 'delete the scheduler with its uid (dry run)', expected: '200', ask: removal('scheduler') },
  { name: 'delete the triggerer with its uid (dry run)', expected: '200', ask: removal('triggerer') },
  {
    name: 'delete with a grace of 1 s (dry run)',
    expected: '200',
    ask: removal('scheduler', { gracePeriodSeconds: 1 }),
  },
  {
    name: 'delete with a grace of 0',
    expected: '403 policy: the grace period must be above 0',
    ask: removal('scheduler', { gracePeriodSeconds: 0 }),
  },
  {
    name: 'delete with a grace of 0 in the query: not looked at beside a body (dry run)',
    expected: '200',
    ask: removal('scheduler', {}, { query: '?gracePeriodSeconds=0' }),
  },
  {
    name: 'delete with a grace of 0 in the query and no body',
    expected: NO_UID,
    ask: () => ({ method: 'DELETE', path: `${CORE}/pods/${pod('scheduler').name}?gracePeriodSeconds=0` }),
  },
  {
    name: 'delete without a body',
    expected: NO_UID,
    ask: () => ({ method: 'DELETE', path: `${CORE}/pods/${pod('scheduler').name}` }),
  },
  {
    name: 'delete with another uid',
    expected: '409 precondition',
    ask: removal('scheduler', { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } }),
  },
  {
    name: 'delete with another resource version in place of the uid',
    expected: '409 precondition',
    ask: removal('scheduler', { preconditions: { resourceVersion: '1' } }),
  },
  { name: 'delete the webserver', expected: NO_LABEL, ask: removal('webserver') },
  { name: 'delete a bare pod labelled as scheduler', expected: NO_OWNER, ask: removal('bare') },
  { name: "delete a Job's pod labelled as scheduler", expected: NO_OWNER, ask: removal('job') },
  { name: 'delete a pod that does not exist', expected: '404', ask: removal('absent') },
  {
    name: 'delete a scheduler of another namespace',
    expected: '403 RBAC: delete pods',
    ask: removal('far', {}, { in: OTHER }),
  },
  {
    name: 'delete in kube-system',
    expected: '403 RBAC: delete pods',
    ask: removal('absent', {}, { in: 'kube-system' }),
  },
  {
    name: 'delete all pods at once',
    expected: '403 RBAC: deletecollection pods',
    ask: () => ({ method: 'DELETE', path: `${CORE}/pods` }),
  },
  {
    name: 'evict the scheduler',
    expected: '403 RBAC: create pods/eviction',
    ask: post(() => `${CORE}/pods/${pod('scheduler').name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod('scheduler').name },
    }),
  },
  {
    name: 'take a label off the webserver, to delete it then',
    expected: '403 RBAC: patch pods',
    ask: () => ({
      method: 'PATCH',
      path: `${CORE}/pods/${pod('webserver').name}`,
      body: { metadata: { labels: { component: 'scheduler' } } },
      headers: { 'content-type': 'application/merge-patch+json' },
    }),
  },
  {
    name: 'create a pod',
    expected: '403 RBAC: create pods',
    ask: post(() => `${CORE}/pods`, bare('mine', NAMESPACE)),
  },
  {
    name: 'run a command in the scheduler',
    expected: '403 RBAC: create pods/exec',
    ask: post(() => `${CORE}/pods/${pod('scheduler').name}/exec?command=id&stdout=true`),
  },
  {
    name: 'run a command by GET',
    expected: '403 RBAC: get pods/exec',
    ask: proxy('scheduler', '/exec?command=id&stdout=true'),
  },
  {
    name: 'attach to the scheduler',
    expected: '403 RBAC: create pods/attach',
    ask: post(() => `${CORE}/pods/${pod('scheduler').name}/attach?stdout=true`),
  },
  {
    name: 'forward a port',
    expected: '403 RBAC: create pods/portforward',
    ask: post(() => `${CORE}/pods/${pod('scheduler').name}/portforward?ports=8974`),
  },
  {
    name: 'add a debugging container',
    expected: '403 RBAC: patch pods/ephemeralcontainers',
    ask: () => ({
      method: 'PATCH',
      path: `${CORE}/pods/${pod('scheduler').name}/ephemeralcontainers`,
      body: {},
      headers: { 'content-type': 'application/merge-patch+json' },
    }),
  },
  { name: 'read secrets', expected: '403 RBAC: list secrets', ask: get(`${CORE}/secrets`) },
  { name: 'read config maps', expected: '403 RBAC: list configmaps', ask: get(`${CORE}/configmaps`) },
  {
    name: "ask for a service account's token",
    expected: '403 RBAC: create serviceaccounts/token',
    ask: post(() => `${CORE}/serviceaccounts/default/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    }),
  },
  {
    name: 'delete the deployment',
    expected: '403 RBAC: delete deployments',
    ask: () => ({ method: 'DELETE', path: `${APPS}/deployments/scheduler` }),
  },
  {
    name: 'scale the deployment to nothing',
    expected: '403 RBAC: patch deployments/scale',
    ask: () => ({
      method: 'PATCH',
      path: `${APPS}/deployments/scheduler/scale`,
      body: { spec: { replicas: 0 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    }),
  },
  {
    name: 'give itself more rights',
    expected: '403 RBAC: create rolebindings',
    ask: post(() => `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/rolebindings`, {
      metadata: { name: 'mine' },
      roleRef: { kind: 'ClusterRole', apiGroup: 'rbac.authorization.k8s.io', name: 'admin' },
    }),
  },
  {
    name: 'take the policy away',
    expected: '403 RBAC: delete validatingadmissionpolicies',
    ask: () => ({
      method: 'DELETE',
      path: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/scheduler-watchdog-delete',
    }),
  },
  {
    name: 'be somebody else',
    expected: '403 RBAC: impersonate users',
    ask: () => ({ method: 'GET', path: `${CORE}/pods`, headers: { 'impersonate-user': 'admin' } }),
  },
  { name: 'list the pods of the namespace', expected: '200', ask: get(`${CORE}/pods`) },
  { name: 'watch them', expected: '403 RBAC: watch pods', ask: get(`${CORE}/pods?watch=true`) },
  { name: 'list the pods of all namespaces', expected: '403 RBAC: list pods', ask: get('/api/v1/pods') },
  { name: 'list nodes', expected: '403 RBAC: list nodes', ask: get('/api/v1/nodes') },
  {
    name: 'reach kubelet through its node',
    expected: '403 RBAC: get nodes/proxy',
    ask: get('/api/v1/nodes/rig-node/proxy/pods'),
  },
  { name: "read the scheduler's health", expected: '200', ask: proxy('scheduler', ':8974/proxy/health') },
  {
    name: 'another path of the same port',
    expected: '403 policy: only /health',
    ask: proxy('scheduler', ':8974/proxy/other'),
  },
  {
    name: 'another path behind the right one',
    expected: '403 policy: only /health',
    ask: proxy('scheduler', ':8974/proxy/health%2f..%2fother'),
  },
  {
    name: 'another port',
    expected: '403 policy: only port 8974',
    ask: proxy('scheduler', ':8080/proxy/health'),
  },
  {
    name: 'the port with a scheme in front',
    expected: '403 policy: only port 8974',
    ask: proxy('scheduler', ':8974/proxy/health', 'http:'),
  },
  {
    name: 'post to the health server',
    expected: '403 RBAC: create pods/proxy',
    ask: post(() => `${CORE}/pods/${pod('scheduler').name}:8974/proxy/health`),
  },
  {
    name: 'reach a service',
    expected: '403 RBAC: get services/proxy',
    ask: get(`${CORE}/services/any:80/proxy/`),
  },
];

async function seen(attempt: Attempt | undefined): Promise<string> {
  if (attempt === undefined) throw new Error('there is no such attempt');
  const { method, path, body, headers } = attempt.ask();
  const answer = await request(new URL(path, thief.server), {
    method,
    headers: { ...(await thief.headers()), 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
    dispatcher: thief.dispatcher,
  });
  const text = await answer.body.text();
  return [answer.statusCode, reasonOf(answer.statusCode, text)].filter((part) => part !== '').join(' ');
}

/** Who said no, without the names of the day. */
function reasonOf(status: number, text: string): string {
  const policy = /denied request: ([^"]*)"/.exec(text)?.[1];
  if (policy !== undefined) return `policy: ${policy}`;
  const [, verb, resource] = /cannot (\w+) resource \\"([^"\\]+)\\"/.exec(text) ?? [];
  if (verb !== undefined) return `RBAC: ${verb} ${resource}`;
  return status === 409 ? 'precondition' : '';
}

const told = new Map<string, string>();

test.each(ATTEMPTS)('$name: $expected', async (attempt) => {
  const answer = await seen(attempt);
  told.set(attempt.name, answer);
  expect(answer).toBe(attempt.expected);
});

test('all pods are still there', async () => {
  for (const { name, uid } of ['scheduler', 'triggerer', 'webserver', 'bare', 'job'].map(pod)) {
    const now = await kubectl(
      '-n',
      NAMESPACE,
      'get',
      'pod',
      name,
      '-o',
      'jsonpath={.metadata.uid} {.metadata.deletionTimestamp}',
    );
    expect(now.trim()).toBe(uid);
  }
});

test('the table of docs/security.md is what was seen', () => {
  const file = join(root, 'docs/security.md');
  const page = readFileSync(file, 'utf8');
  const rows = ATTEMPTS.map(
    ({ name, expected }) => `| ${name} | ${expected} | ${told.get(name) ?? 'not tried'} |`,
  );
  const table = ['| attempt | expected | seen |', '|---|---|---|', ...rows].join('\n');
  const written = page.replace(
    /(<!-- attempts -->\n)[\s\S]*(<!-- end of attempts -->)/,
    (_, begin, end) => `${begin}${table}\n${end}`,
  );
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, written);
  expect(readFileSync(file, 'utf8')).toBe(written);
});

test('what the role may do is done: the scheduler goes, by its uid, and is replaced', async () => {
  const { uid } = pod('scheduler');
  expect(await seen({ name: '', expected: '200', ask: removal('scheduler', { dryRun: [] }) })).toBe('200');
  await kubectl('-n', NAMESPACE, 'wait', 'pod', pod('scheduler').name, '--for=delete', '--timeout=60s');
  await podOf('next', 'component=scheduler,pod-template-hash');
  expect(pod('next').uid).not.toBe(uid);
});
