/**
 * infra/k8s/watchdog as somebody applies it: an overlay over the kustomize base, with an account that infra/k8s made in the namespace that
 * is watched, and a pod of the image's own tree. Both lie in the rig's one cluster, which the watchdog does not know.
 */
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { isUp, kubectl, RIG_HOME, until } from '../rig/rig.ts';
import { IMAGE, importImage } from './image.ts';

const root = join(import.meta.dirname, '../..');
const WATCHED = `watched-${process.pid}`;
const WATCHDOG = `watchdog-${process.pid}`;
const OURS = 'app.kubernetes.io/name=scheduler-watchdog';
/** By itself, without `npm run test:e2e`, there may be no rig. */
const onRig = isUp() ? test : test.skip;
const folder = mkdtempSync(join(tmpdir(), 'watchdog-other-'));
const volume = join(RIG_HOME, 'state', WATCHDOG);

const SERVER = `
import http.server
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
http.server.ThreadingHTTPServer(('', 8974), Health).serve_forever()`;

const labels = { component: 'scheduler' };
const patient = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'scheduler', namespace: WATCHED },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        dnsPolicy: 'Default',
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'scheduler',
            image: 'rig.local/host:1',
            imagePullPolicy: 'Never',
            command: ['/usr/bin/python3', '-c', SERVER],
            volumeMounts: [{ name: 'usr', mountPath: '/usr', readOnly: true }],
          },
        ],
        volumes: [{ name: 'usr', hostPath: { path: '/usr' } }],
      },
    },
  },
};
/** The rig provisions no volumes. */
const persistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: WATCHDOG },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: '',
    hostPath: { path: volume },
    claimRef: { namespace: WATCHDOG, name: 'scheduler-watchdog-state' },
  },
};
const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** infra/k8s as it is, but for the namespace and the names of its policies, which are those of the whole cluster. */
function accountFolder(): string {
  const to = join(folder, 'account');
  mkdirSync(to);
  for (const name of ['kustomization.yaml', 'rbac.yml', 'admission-policy.yml', 'account.yml']) {
    const text = readFileSync(join(root, 'infra/k8s', name), 'utf8')
      .replaceAll('namespace: airflow', `namespace: ${WATCHED}`)
      .replaceAll('serviceaccount:airflow:', `serviceaccount:${WATCHED}:`)
      .replaceAll(/scheduler-watchdog-(delete|proxy)/g, `${WATCHED}-$1`);
    writeFileSync(join(to, name), text);
  }
  return to;
}

/** As the first lines of the base say. */
async function overlayFolder(): Promise<string> {
  const secret = async (key: string) =>
    kubectl('-n', WATCHED, 'get', 'secret', 'scheduler-watchdog-token', '-o', `jsonpath={.data.${key}}`);
  const token = await until('the token of the account', 60, async () => (await secret('token')) || undefined);
  const to = join(folder, 'overlay');
  mkdirSync(join(to, 'targets'), { recursive: true });
  cpSync(join(root, 'infra/k8s/watchdog/base'), join(folder, 'base'), { recursive: true });
  const cluster = {
    server: 'https://10.240.0.1:6443',
    'certificate-authority-data': await secret('ca\\.crt'),
  };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'prod', cluster }],
    users: [{ name: 'watchdog', user: { token: Buffer.from(token, 'base64').toString() } }],
    contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'watchdog' } }],
  };
  writeFileSync(join(to, 'watchdog.kubeconfig'), stringify(kubeconfig));
  const target = { namespace: WATCHED, cluster: { context: 'prod' }, health: { podPort: 8974 } };
  writeFileSync(join(to, 'targets/prod.yaml'), stringify(target));
  writeFileSync(join(to, 'secrets.env'), 'UNUSED=1\n');
  const kustomization = {
    namespace: WATCHDOG,
    resources: ['../base'],
    images: [{ name: 'scheduler-watchdog', newName: IMAGE.name, newTag: IMAGE.tag }],
    configMapGenerator: [
      { name: 'scheduler-watchdog-targets', behavior: 'merge', files: ['targets/prod.yaml'] },
    ],
    secretGenerator: [
      { name: 'scheduler-watchdog-kubeconfig', files: ['config=watchdog.kubeconfig'] },
      { name: 'scheduler-watchdog-secrets', envs: ['secrets.env'] },
    ],
  };
  writeFileSync(join(to, 'kustomization.yaml'), stringify(kustomization));
  return to;
}

const node = (...args: readonly string[]) =>
  kubectl('-n', WATCHDOG, 'exec', 'deploy/scheduler-watchdog', '--', '/nodejs/bin/node', ...args);
const verb = (...args: readonly string[]) => node('/app/bin.mjs', ...args);
const ready = () =>
  kubectl('-n', WATCHDOG, 'rollout', 'status', 'deploy/scheduler-watchdog', '--timeout=240s');
const log = () => kubectl('-n', WATCHDOG, 'logs', 'deploy/scheduler-watchdog');
const pod = async () =>
  JSON.parse(await kubectl('-n', WATCHDOG, 'get', 'pod', '-l', OURS, '-o', 'json')).items[0];

beforeAll(async () => {
  if (!isUp()) return;
  await importImage(folder);
  mkdirSync(volume);
  chownSync(volume, 65_532, 65_532);
  const file = join(folder, 'objects.json');
  const items = [namespace(WATCHED), namespace(WATCHDOG), patient, persistentVolume];
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl('apply', '-f', file);
  await kubectl('apply', '-k', accountFolder());
  await kubectl('-n', WATCHED, 'rollout', 'status', 'deploy/scheduler', '--timeout=240s');
  await kubectl('apply', '-k', await overlayFolder());
  await ready();
}, 900_000);

afterAll(async () => {
  if (isUp()) {
    await kubectl('delete', 'namespace', WATCHED, WATCHDOG, '--ignore-not-found', '--timeout=180s');
    await kubectl('delete', 'persistentvolume', WATCHDOG, '--ignore-not-found');
    for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'])
      await kubectl('delete', kind, `${WATCHED}-delete`, `${WATCHED}-proxy`, '--ignore-not-found');
  }
  for (const one of [volume, folder]) rmSync(one, { recursive: true, force: true });
}, 300_000);

onRig('kubelet asks its health and finds it well, without a restart', async () => {
  const { spec, status } = await pod();
  expect(spec.containers[0].livenessProbe.httpGet.path).toBe('/healthz');
  expect(status.containerStatuses[0]).toMatchObject({ ready: true, started: true, restartCount: 0 });
});

onRig('the account can do what a look needs, and no more is asked of the API server', async () => {
  await until('the first tick', 120, async () =>
    /1 of 1 target\(s\) well/.test(await log()) ? true : undefined,
  );
  expect(await verb('check')).toMatch(/scheduler-\S+ +healthy/);
  expect(await log()).not.toMatch(/WD_|403|forbidden|blind/i);
});

onRig('it speaks to the ports that its NetworkPolicy lets it, which nothing enforces here', async () => {
  // Sockets of its network while a look is under way, by the port of the other side; 0A listens.
  const script = `
    const { readFileSync } = require('node:fs');
    const { spawn } = require('node:child_process');
    const ports = new Set();
    const look = () => readFileSync('/proc/net/tcp', 'utf8').trim().split('\\n').slice(1)
      .map((line) => line.trim().split(/\\s+/)).filter(([, own, , state]) => state !== '0A' && !own.endsWith(':24FD'))
      .forEach(([, , other]) => ports.add(parseInt(other.split(':')[1], 16)));
    const timer = setInterval(look, 5);
    spawn('/nodejs/bin/node', ['/app/bin.mjs', 'check'], { stdio: 'ignore' })
      .on('close', () => { clearInterval(timer); console.log(JSON.stringify([...ports])); });`;
  const seen = JSON.parse(await node('-e', script)) as number[];
  const text = readFileSync(join(root, 'infra/k8s/watchdog/base/network-policy.yaml'), 'utf8');
  const { egress } = parse(text).spec as { egress: { ports: { port: number }[] }[] };
  const allowed = egress.flatMap(({ ports }) => ports.map(({ port }) => port));
  expect(seen).toContain(6443);
  expect(seen.filter((port) => !allowed.includes(port))).toEqual([]);
});

onRig('it writes into its state alone, as nobody, and a new pod goes on with that state', async () => {
  expect(await node('-p', 'process.getuid()')).toBe('65532');
  await expect(node('-e', "require('node:fs').writeFileSync('/app/x', '')")).rejects.toThrow('EROFS');
  await verb('pause', 'prod', '--for', '2h', '--reason', 'a new pod');
  const before = await pod();
  await kubectl('-n', WATCHDOG, 'delete', 'pod', before.metadata.name, '--timeout=120s');
  await ready();
  expect((await pod()).metadata.uid).not.toBe(before.metadata.uid);
  const [line = ''] = (await verb('status', '--json')).split('\n');
  expect(JSON.parse(line)).toMatchObject({ target: 'prod', pause: { reason: 'a new pod' } });
  expect(readdirSync(volume)).toContain('state.db');
});

onRig('what the base renders is taken by the API server as it is, without an overlay', async () => {
  const base = join(root, 'infra/k8s/watchdog/base');
  const said = await kubectl('apply', '-n', WATCHDOG, '--dry-run=server', '-k', base);
  const kinds = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')).resources as string[];
  const objects = kinds.flatMap((name) => parseAllDocuments(readFileSync(join(base, name), 'utf8')));
  expect(said.split('\n').length).toBeGreaterThanOrEqual(objects.length);
});
