import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { LIMITS } from '../../functions/core/policy.ts';
import { VERSION } from '../../functions/wiring/version.ts';

const root = resolve(import.meta.dirname, '../..');
const base = join(root, 'infra/k8s/watchdog/base');
const chart = join(root, 'infra/k8s/watchdog/chart');

// biome-ignore lint/suspicious/noExplicitAny: manifests are read where they are expected to have something.
type Manifest = Record<string, any>;
const objectsOf = (text: string): Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    expect(document.errors).toEqual([]);
    return document.contents === null ? [] : [document.toJS() as Manifest];
  });
const kustomization = parse(readFileSync(join(base, 'kustomization.yaml'), 'utf8')) as Manifest;
const written = (kustomization.resources as string[]).flatMap((name) =>
  objectsOf(readFileSync(join(base, name), 'utf8')),
);
const ofKind = (objects: readonly Manifest[], kind: string): Manifest => {
  const found = objects.filter((object) => object.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] ?? {};
};

/** What must hold for the watchdog's Deployment, whoever wrote it. */
function expectSafe(objects: readonly Manifest[]): void {
  const { spec } = ofKind(objects, 'Deployment');
  expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  const pod = spec.template.spec;
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  });
  expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(LIMITS.tickBudgetMs);
  const [container, ...others] = pod.containers;
  expect(others).toEqual([]);
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(container.args.slice(0, 3)).toEqual(['watch', '--listen', '0.0.0.0:9469']);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
    expect(container[probe].httpGet).toEqual({ path: '/healthz', port: 'metrics' });
  expect(container.ports).toEqual([{ name: 'metrics', containerPort: 9469 }]);
  expect(container.resources.limits.memory).toBeDefined();
  // Every volume is mounted, every mount has its volume, and only state and scratch are written.
  const mounts = container.volumeMounts as Manifest[];
  expect(mounts.map(({ name }) => name).sort()).toEqual(pod.volumes.map(({ name }: Manifest) => name).sort());
  expect(mounts.filter(({ readOnly }) => readOnly !== true).map(({ name }) => name)).toEqual([
    'state',
    'tmp',
  ]);
  const claim = ofKind(objects, 'PersistentVolumeClaim');
  expect(pod.volumes).toContainEqual({
    name: 'state',
    persistentVolumeClaim: { claimName: claim.metadata.name },
  });
  expect(claim.spec.accessModes).toEqual(['ReadWriteOnce']);
  expect(ofKind(objects, 'ServiceAccount')).toMatchObject({
    metadata: { name: pod.serviceAccountName },
    automountServiceAccountToken: false,
  });
  expect(ofKind(objects, 'Service').spec.ports).toMatchObject([{ port: 9469, targetPort: 'metrics' }]);
  const policy = ofKind(objects, 'NetworkPolicy').spec;
  expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
  expect(policy.ingress.flatMap(({ ports }: Manifest) => ports)).toEqual([{ protocol: 'TCP', port: 9469 }]);
  for (const { ports } of policy.egress) expect(ports.length).toBeGreaterThan(0);
  // It asks nothing of the cluster it runs in.
  expect(objects.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
}

/** What the image says and the manifests repeat. */
test('the paths of the manifests are those of the image', () => {
  const dockerfile = readFileSync(join(root, 'infra/container/Dockerfile'), 'utf8');
  const mounts = ofKind(written, 'Deployment').spec.template.spec.containers[0].volumeMounts as Manifest[];
  const pathOf = (volume: string) => mounts.find(({ name }) => name === volume)?.mountPath;
  expect(dockerfile).toContain(`WATCHDOG_TARGETS=${pathOf('targets')}\n`);
  expect(dockerfile).toContain(`WATCHDOG_STATE=sqlite:${pathOf('state')}/`);
});

test('the kustomize base is safe as it is written', () => {
  expectSafe(written);
  expect(
    readdirSync(base)
      .filter((name) => name !== 'kustomization.yaml')
      .sort(),
  ).toEqual([...kustomization.resources].sort());
});

test('the watched cluster knows the account by its name in each policy, and binds it to the one Role', () => {
  const outer = parse(readFileSync(join(root, 'infra/k8s/kustomization.yaml'), 'utf8')) as Manifest;
  const resources = (outer.resources as string[]).flatMap((name) =>
    objectsOf(readFileSync(join(root, 'infra/k8s', name), 'utf8')),
  );
  const { metadata } = ofKind(resources, 'ServiceAccount');
  const patches = (outer.patches as Manifest[]).map(({ target, patch }) => ({
    target,
    ops: parse(patch) as Manifest[],
  }));
  expect(patches.find(({ target }) => target.kind === 'RoleBinding')?.ops).toEqual([
    {
      op: 'replace',
      path: '/subjects',
      value: [{ kind: 'ServiceAccount', name: metadata.name, namespace: metadata.namespace }],
    },
  ]);
  const named = `system:serviceaccount:${metadata.namespace}:${metadata.name}`;
  expect(patches.find(({ target }) => target.kind === 'ValidatingAdmissionPolicy')?.ops[0]?.value).toBe(
    `request.userInfo.username == '${named}'`,
  );
  // What the patch replaces is where it says.
  for (const policy of resources.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy'))
    expect(policy.spec.matchConditions).toMatchObject([{ name: 'the-watchdog' }]);
});

test('every value that the chart reads is in values.yaml, and every one there is read', () => {
  const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Manifest;
  const texts = readdirSync(join(chart, 'templates')).map((name) =>
    readFileSync(join(chart, 'templates', name), 'utf8'),
  );
  const read = texts.flatMap((text) => [
    ...[...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path = '']) => path),
    ...[...text.matchAll(/:= list ([^}]*)\}/g)].flatMap(([, list = '']) => list.match(/\w+/g) ?? []),
  ]);
  const at = (path: string) =>
    path.split('.').reduce<unknown>((value, key) => (value as Manifest | undefined)?.[key], values);
  expect(read.filter((path) => at(path) === undefined)).toEqual([]);
  const isRead = (key: string) => read.some((path) => path === key || path.startsWith(`${key}.`));
  expect(Object.keys(values).filter((key) => !isRead(key))).toEqual([]);
  const { version, appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as Manifest;
  expect([version, appVersion]).toEqual([VERSION, VERSION]);
});

test('the braces of the templates are in pairs, and so are their blocks', () => {
  for (const name of readdirSync(join(chart, 'templates'))) {
    const text = readFileSync(join(chart, 'templates', name), 'utf8');
    expect([name, text.split('{{').length]).toEqual([name, text.split('}}').length]);
    const begun = text.match(/\{\{-? (if|with|range|define) /g)?.length ?? 0;
    expect([name, begun]).toEqual([name, text.match(/\{\{-? end \}\}/g)?.length ?? 0]);
  }
});

const has = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const kubectl = has('kubectl', 'kustomize', '--help') ? test : test.skip;
const helmCommand = process.env.WATCHDOG_HELM ?? 'helm';
const helm = has(helmCommand, 'version') ? test : test.skip;

kubectl('kubectl renders the base, and what comes out is safe', () => {
  const objects = objectsOf(execFileSync('kubectl', ['kustomize', base], { encoding: 'utf8' }));
  expectSafe(objects);
  const { spec } = ofKind(objects, 'Deployment');
  expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
  expect(ofKind(objects, 'Service').spec.selector).toEqual(spec.selector.matchLabels);
  expect(ofKind(objects, 'NetworkPolicy').spec.podSelector.matchLabels).toEqual(spec.selector.matchLabels);
  expect(() =>
    execFileSync('kubectl', ['kustomize', join(root, 'infra/k8s')], { stdio: 'pipe' }),
  ).not.toThrow();
});

helm('helm renders the chart, and what comes out is safe, with every value set', () => {
  const render = (...args: string[]) =>
    objectsOf(
      execFileSync(helmCommand, ['template', 'prod', chart, '--kube-version', '1.34.0', ...args], {
        encoding: 'utf8',
      }),
    );
  expectSafe(render());
  const set = [
    'image.tag=9',
    'every=30s',
    'state.storageClass=fast',
    'imagePullSecrets[0].name=x',
    'nodeSelector.a=b',
    'targets.a\\.yaml=x',
  ];
  const objects = render(...set.flatMap((one) => ['--set', one]));
  expectSafe(objects);
  const pod = ofKind(objects, 'Deployment').spec.template.spec;
  expect(pod).toMatchObject({ imagePullSecrets: [{ name: 'x' }], nodeSelector: { a: 'b' } });
  expect(pod.containers[0]).toMatchObject({
    image: 'scheduler-watchdog:9',
    args: expect.arrayContaining(['--every', '30s']),
  });
  expect(ofKind(objects, 'ConfigMap').data).toEqual({ 'a.yaml': 'x' });
  expect(ofKind(objects, 'PersistentVolumeClaim').spec.storageClassName).toBe('fast');
  expect(
    render('--set', 'networkPolicy.enabled=false').filter(({ kind }) => kind === 'NetworkPolicy'),
  ).toEqual([]);
});
