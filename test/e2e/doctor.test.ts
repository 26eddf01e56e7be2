/**
 * The doctor on a real API server, a real PostgreSQL and MariaDB with Airflow's own schema: one target for each planted fault, all
 * examined by one run. And a drill, after which the pod is there and the audit log knows dry runs only.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Line } from '../../functions/core/check-up.ts';
import { RIGHT_IDS, RIGHTS, type RightId } from '../../functions/core/rights.ts';
import { doctor } from '../../functions/flow/doctor.ts';
import { drill } from '../../functions/flow/drill.ts';
import { withExaminers } from '../../functions/wiring/examiners.ts';
import { readSettings } from '../../functions/wiring/settings.ts';
import { airflow, databaseUrl, kubeconfig, kubectl, sql, until } from '../rig/rig.ts';
import { startSlackStub } from '../stubs/channels.ts';
import { type Engine, grants, insertJob, statsGrant } from '../support/airflow-schema.ts';

const root = join(import.meta.dirname, '../..');
const NAMESPACE = `doctor-${process.pid}`;
/** Users of this run: what infra/k8s binds to a group is bound to their names here, so that no other test meets it. */
const USER = `${NAMESPACE}-user`;
const ADMIN = join(dirname(kubeconfig('nobody')), 'admin-host.kubeconfig');
const POSTGRES = airflow('3.3', 'postgres');
const MARIADB = airflow('3.3', 'mariadb');
const folder = mkdtempSync(join(tmpdir(), 'watchdog-doctor-e2e-'));
const targets = join(folder, 'targets');
const env: Record<string, string> = {};
const roles: { engine: Engine; name: string }[] = [];
let slack: Awaited<ReturnType<typeof startSlackStub>>;
let pod = { name: '', uid: '' };
let lines: readonly Line[];

const SERVER = `
import http.server
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.ThreadingHTTPServer(('', 8974), Health).serve_forever()`;

const container = {
  name: 'scheduler',
  image: 'rig.local/host:1',
  imagePullPolicy: 'Never',
  command: ['/usr/bin/python3', '-c', SERVER],
  volumeMounts: [{ name: 'usr', mountPath: '/usr', readOnly: true }],
};
const podSpec = {
  terminationGracePeriodSeconds: 1,
  dnsPolicy: 'Default',
  automountServiceAccountToken: false,
  containers: [container],
  volumes: [{ name: 'usr', hostPath: { path: '/usr' } }],
};

const namespaced = (name: string) => ({ name, namespace: NAMESPACE });
const deployment = (name: string, labels: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: namespaced(name),
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } },
});

/** The rules of infra/k8s/rbac.yml without one verb on one resource. */
function rulesWithout(id: RightId | null) {
  return RIGHT_IDS.filter((one) => one !== id).map((one) => {
    const { verb, group, resource, subresource } = RIGHTS[one];
    return {
      apiGroups: [group],
      resources: [subresource === '' ? resource : `${resource}/${subresource}`],
      verbs: [verb],
    };
  });
}

function roleFor(user: string, rules: object[]) {
  const name = user.replace(`${NAMESPACE}-`, '');
  return [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: namespaced(name), rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: namespaced(name),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
    },
  ];
}

async function apply(...objects: readonly object[]): Promise<void> {
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  await kubectl('apply', '-f', file);
}

/** infra/k8s/admission-policy.yml, for the users and the namespace of this run. */
async function applyPolicy(): Promise<void> {
  const text = readFileSync(join(root, 'infra/k8s/admission-policy.yml'), 'utf8')
    .replaceAll('scheduler-watchdog-', `${NAMESPACE}-`)
    .replaceAll(
      "'scheduler-watchdog' in request.userInfo.groups",
      `request.userInfo.username.startsWith('${USER}')`,
    );
  writeFileSync(join(folder, 'policy.yml'), text);
  await kubectl('apply', '-f', join(folder, 'policy.yml'));
}

interface Fault {
  readonly red: readonly string[];
  /** Who asks; default the user with all rights. */
  readonly user?: string;
  readonly kubeconfig?: (text: string) => string;
  readonly document?: Record<string, unknown>;
  readonly database?: string;
  readonly engine?: Engine;
}

const faults = new Map<string, Fault>();

function addTarget(
  id: string,
  { user = USER, kubeconfig: change = (text) => text, document = {}, database, engine = 'postgres' }: Fault,
) {
  const admin = readFileSync(ADMIN, 'utf8').replace('user: {', `user: {as: ${user}, `);
  writeFileSync(join(folder, `${id}.kubeconfig`), change(admin));
  const name = `DB_${id.replaceAll('-', '_').toUpperCase()}`;
  env[name] = database ?? databaseUrl(POSTGRES, 'doctor_full:pw');
  const whole = {
    namespace: NAMESPACE,
    cluster: { kubeconfig: `../${id}.kubeconfig` },
    components: { scheduler: { selector: 'component=scheduler' } },
    health: { podPort: 8974 },
    database: { engine, secret: `env:${name}` },
    ...document,
  };
  writeFileSync(join(targets, `${id}.json`), JSON.stringify(whole));
}

/** A login with the documented grants but for one table. */
async function login(engine: Engine, name: string, without = '', stats = true): Promise<string> {
  const at = engine === 'postgres' ? POSTGRES : MARIADB;
  roles.push({ engine, name });
  const made =
    engine === 'postgres'
      ? `CREATE ROLE ${name} LOGIN PASSWORD 'pw'`
      : `CREATE USER '${name}'@'%' IDENTIFIED BY 'pw'`;
  const wanted = [made, ...grants(engine, 3, name, without), ...(stats ? [statsGrant(engine, name)] : [])];
  await sql(at, wanted.join(';'));
  return databaseUrl(at, `${name}:pw`);
}

const port = () => `health-port ${pod.name}:8974/health`;

async function plantAll(): Promise<void> {
  const add = (id: string, fault: Fault) => {
    faults.set(id, fault);
    addTarget(id, fault);
  };
  /** What besides its own line is red where a right is missing. */
  const also: Partial<Record<RightId, readonly string[]>> = {
    'list pods': ['pods'],
    'delete pods': ['dry-run scheduler'],
    'get pods/proxy': [port()],
    'get pods/log': ['logs'],
    'list events': ['events'],
    'get deployments': ['workload'],
    'get replicasets': ['workload'],
    'list deployments': ['replicas'],
    'list statefulsets': ['replicas'],
  };
  for (const [at, right] of RIGHT_IDS.entries()) {
    const user = `${USER}-${at}`;
    await apply(...roleFor(user, rulesWithout(right)));
    // Without metrics-server the figures come from the node, whatever the right to metrics.
    add(`right-${at}`, { user, red: [`right ${right}`, ...(also[right] ?? [])] });
  }
  const all = RIGHT_IDS.map((right) => `right ${right}`);
  add('nobody', { user: `${USER}-nobody`, red: [...all, 'pods'] });
  const stranger = `${NAMESPACE}-free`;
  await apply(...roleFor(stranger, rulesWithout(null)));
  add('no-policy', { user: stranger, red: ['admission-policy'] });
  const token = (text: string) => text.replace(/user: \{as.*\}\}\]/, 'user: {token: not-a-token}}]');
  add('token', { kubeconfig: token, red: ['cluster-login'] });
  add('ca', {
    kubeconfig: (text) =>
      text.replace(/certificate-authority-data: [^}\s]+/, `certificate-authority-data: ${otherCa()}`),
    red: ['cluster-tls'],
  });
  add('port', {
    kubeconfig: (text) => text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9'),
    red: ['cluster-port'],
  });
  add('name', {
    kubeconfig: (text) => text.replace(/127\.0\.0\.1:\d+/, 'nowhere.invalid:6443'),
    red: ['cluster-name'],
  });
  add('selector', {
    document: { components: { scheduler: { selector: 'component=sheduler' } } },
    red: ['pods scheduler'],
  });
  add('label', {
    document: { components: { scheduler: { selector: 'component=web' } } },
    red: ['dry-run scheduler', 'heartbeats scheduler'],
  });
  add('health', { document: { health: { podPort: 8080 } }, red: [`health-port ${pod.name}:8080/health`] });
  add('password', { database: databaseUrl(POSTGRES, 'doctor_nobody:wrong'), red: ['database-login'] });
  add('database', {
    database: databaseUrl(POSTGRES, 'doctor_full:pw').replace(/\/airflow3$/, '/airlfow'),
    red: ['database-login'],
  });
  add('database-port', {
    database: 'postgresql://doctor_full:pw@127.0.0.1:9/airflow3',
    red: ['database-port'],
  });
  add('job', { database: await login('postgres', 'doctor_no_job', 'job'), red: ['grant job'] });
  add('runs', { database: await login('postgres', 'doctor_no_runs', 'dag_run'), red: ['grant dag_run'] });
  add('stats', { database: await login('postgres', 'doctor_no_stats', '', false), red: ['locks'] });
  const maria = (name: string, ...rest: [string?, boolean?]) => login('mysql', name, ...rest);
  const mysql = { engine: 'mysql' } as const;
  add('maria-tasks', {
    ...mysql,
    database: await maria('doctor_no_tasks', 'task_instance'),
    red: ['database-schema', 'grant task_instance', 'grant task_instance (deferred)', 'heartbeats scheduler'],
  });
  add('maria-locks', {
    ...mysql,
    database: await maria('doctor_no_process', '', false),
    red: ['heartbeats scheduler', 'locks'],
  });
  add('maria-password', {
    ...mysql,
    database: databaseUrl(MARIADB, 'doctor_nobody:wrong'),
    red: ['database-login'],
  });
}

/** Somebody else's authority: the one of the test certificates would do, and so does any certificate at all. */
function otherCa(): string {
  return Buffer.from(rootCertificate()).toString('base64');
}

function rootCertificate(): string {
  const { rootCertificates } = process.getBuiltinModule('node:tls');
  return rootCertificates[0] ?? '';
}

beforeAll(async () => {
  mkdirSync(targets);
  slack = await startSlackStub();
  env.SLACK = slack.webhookUrl;
  writeFileSync(
    join(targets, 'channels.json'),
    JSON.stringify({ channels: { oncall: { type: 'slack', webhook: 'env:SLACK' } } }),
  );
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    deployment('scheduler', { component: 'scheduler' }),
    deployment('web', { component: 'web' }),
    ...roleFor(USER, rulesWithout(null)),
    // The rig has no metrics-server, so memory comes from the node.
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: NAMESPACE },
      rules: [{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: NAMESPACE },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAMESPACE },
      subjects: [USER, `${NAMESPACE}-free`, ...RIGHT_IDS.map((_, at) => `${USER}-${at}`)].map((name) => ({
        kind: 'User',
        apiGroup: 'rbac.authorization.k8s.io',
        name,
      })),
    },
  );
  await applyPolicy();
  for (const component of ['scheduler', 'web'])
    await kubectl(
      '-n',
      NAMESPACE,
      'wait',
      'pod',
      '-l',
      `component=${component}`,
      '--for=condition=Ready',
      '--timeout=180s',
    );
  const [name = '', uid = ''] = (
    await kubectl(
      '-n',
      NAMESPACE,
      'get',
      'pod',
      '-l',
      'component=scheduler',
      '-o',
      'jsonpath={.items[0].metadata.name} {.items[0].metadata.uid}',
    )
  ).split(' ');
  pod = { name, uid };
  await login('postgres', 'doctor_full');
  await sql(
    POSTGRES,
    insertJob('postgres', { id: 900_000 + process.pid, hostname: pod.name, heartbeatAgo: 1, startedAgo: 1 }),
  );
  addTarget('healthy', { red: [] });
  await plantAll();
  // The policy comes into force, the health server listens, and kubelet counts the memory of a young pod only after some seconds.
  await until('a set-up in order to have nothing red', 120, async () => {
    lines = await examine(['healthy']);
    return redOf('healthy').length === 0 || undefined;
  });
  // All targets ask one kubelet for its statistics at once; on a busy machine it keeps some of them waiting for too long.
  await until('one examination of all targets in which kubelet answers each', 240, async () => {
    lines = await examine([]);
    const isKeptWaiting = [...faults].some(
      ([id, { red }]) => redOf(id).includes('memory') && !red.includes('memory'),
    );
    return isKeptWaiting ? undefined : true;
  });
});

afterAll(async () => {
  await slack?.close();
  for (const { engine, name } of roles) {
    const at = engine === 'postgres' ? POSTGRES : MARIADB;
    await sql(
      at,
      engine === 'postgres' ? `DROP OWNED BY ${name}; DROP ROLE ${name}` : `DROP USER '${name}'@'%'`,
    );
  }
  await sql(POSTGRES, `DELETE FROM job WHERE hostname = '${pod.name}'`);
  await kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  await kubectl('delete', 'clusterrole,clusterrolebinding', NAMESPACE);
  for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'])
    await kubectl('delete', kind, `${NAMESPACE}-delete`, `${NAMESPACE}-proxy`);
  rmSync(folder, { recursive: true });
});

function withWired<T>(work: Parameters<typeof withExaminers<T>>[2]): Promise<T> {
  const state = join(folder, 'state.db');
  const settings = readSettings({ targets, state: `sqlite:${state}` }, { ...process.env, ...env });
  return withExaminers(settings, {}, work);
}

const examine = (only: readonly string[]): Promise<readonly Line[]> =>
  withWired((ports, examiners) => doctor({ only, send: false, onLines: () => {} }, ports, examiners));

const redOf = (target: string) =>
  lines
    .filter((line) => line.target === target && (line.level === 'fail' || line.level === 'warn'))
    .map(({ prerequisite, about }) => (about === null ? prerequisite : `${prerequisite} ${about}`));

test('a set-up in order has nothing red', () => {
  expect(redOf('healthy')).toEqual([]);
});

test('every planted fault is named, and nothing else of its target', () => {
  expect(faults.size).toBeGreaterThanOrEqual(20);
  const seen = Object.fromEntries([...faults.keys()].map((id) => [id, redOf(id)]));
  const wanted = Object.fromEntries([...faults].map(([id, { red }]) => [id, red]));
  expect(seen).toEqual(wanted);
});

interface Audited {
  readonly verb: string;
  readonly objectRef: { readonly namespace?: string; readonly name?: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly requestObject?: {
    readonly dryRun?: readonly string[];
    readonly preconditions?: { readonly uid?: string };
  };
  readonly responseStatus: { readonly code: number };
}

const deletesOfOurs = (): readonly Audited[] =>
  readFileSync(join(dirname(ADMIN), 'audit.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(NAMESPACE))
    .map((line) => JSON.parse(line) as Audited)
    .filter(
      ({ verb, impersonatedUser }) => verb === 'delete' && impersonatedUser?.username.startsWith(NAMESPACE),
    )
    // Whom RBAC refuses is refused before the body is read.
    .filter(({ responseStatus }) => responseStatus.code < 300);

async function scheduler(): Promise<string> {
  return kubectl(
    '-n',
    NAMESPACE,
    'get',
    'pod',
    pod.name,
    '-o',
    'jsonpath={.metadata.uid} {.metadata.deletionTimestamp}',
  );
}

test('a drill on the real API server: the pod survives, the messages are marked, the audit log knows dry runs alone', async () => {
  const before = deletesOfOurs().length;
  const drilled = await withWired(async (ports) => {
    const { targets: all, channels } = await ports.targets.load();
    const target = all.find(({ id }) => id === 'healthy');
    if (target === undefined) throw new Error('there is no such target');
    return drill(target, channels, { by: 'ann', send: true }, ports);
  });
  expect(drilled).toMatchObject({
    pod: pod.name,
    uid: pod.uid,
    answer: { kind: 'deleted' },
    decision: { kind: 'hold' },
  });
  expect((await scheduler()).trim()).toBe(pod.uid);
  expect(slack.messages).toHaveLength(2);
  for (const { body } of slack.messages) expect(JSON.stringify(body)).toContain('DRILL');
  await until('the audit log', 20, () => (deletesOfOurs().length > before ? true : undefined));
});

test('after all of this every pod is there, and no delete was more than a dry run', async () => {
  expect((await scheduler()).trim()).toBe(pod.uid);
  const deletes = deletesOfOurs();
  expect(deletes.length).toBeGreaterThan(0);
  expect(deletes.filter(({ requestObject }) => requestObject?.dryRun?.[0] !== 'All')).toEqual([]);
  expect(deletes.filter(({ requestObject }) => requestObject?.preconditions?.uid === undefined)).toEqual([]);
});
