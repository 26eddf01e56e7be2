import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readHealth } from '../../../functions/adapters/airflow/health-body.ts';
import { boundedRequest } from '../../../functions/adapters/http/request.ts';
import { createCluster } from '../../../functions/adapters/k8s/cluster.ts';
import { createSessions, type Sessions } from '../../../functions/adapters/k8s/sessions.ts';
import type { Cluster } from '../../../functions/ports.ts';
import { type KubeApiServer, startKubeApi, statusObject } from '../../support/kube-api.ts';
import { type MovableClock, movableClock, OPTIONS, PODS, TARGET, TOKEN, withoutTimes } from './setup.ts';

let folder: string;
let api: KubeApiServer;
let sessions: Sessions;
let clock: MovableClock;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exec-'));
  api = await startKubeApi();
  clock = movableClock();
  sessions = createSessions({ clock, env: { PATH: process.env.PATH }, home: folder, execTimeoutMs: 1_500 });
});
afterEach(async () => {
  await sessions.close();
  await api.close();
  rmSync(folder, { recursive: true });
});

/** A plugin in Node; `calls` is a line per run. */
function plugin(source: string): string {
  const path = join(folder, 'plugin.js');
  const log = `require('fs').appendFileSync(${JSON.stringify(join(folder, 'calls'))}, process.env.KUBERNETES_EXEC_INFO + '\\n');`;
  writeFileSync(path, `#!${process.execPath}\n${log}\n${source}`);
  chmodSync(path, 0o755);
  return './plugin.js';
}
const calls = () =>
  readFileSync(join(folder, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const prints = (status: string) =>
  `console.log(JSON.stringify({ kind: 'ExecCredential', status: ${status} }))`;
const counted = `'token-' + require('fs').readFileSync(__dirname + '/calls', 'utf8').trim().split('\\n').length`;

async function cluster(exec: object): Promise<Cluster> {
  const path = join(folder, 'config');
  const document = {
    'current-context': 'one',
    clusters: [{ name: 'c', cluster: { server: api.url } }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', ...exec } } }],
  };
  writeFileSync(path, JSON.stringify(document));
  const session = await sessions.open({ path, context: null });
  return createCluster({ session, clock, readHealth, request: boundedRequest });
}
const tokens = () => api.requests.map(({ headers }) => headers.authorization);

test('the plugin is asked once, and again shortly before its token runs out', async () => {
  const expiresAt = new Date(Date.now() + 900_000).toISOString();
  const kube = await cluster({
    command: plugin(prints(`{ token: ${counted}, expirationTimestamp: '${expiresAt}' }`)),
    provideClusterInfo: true,
  });
  await Promise.all([kube.pods(TARGET, OPTIONS), kube.pods(TARGET, OPTIONS)]);
  clock.move(860_000);
  await kube.pods(TARGET, OPTIONS);
  clock.move(11_000);
  await kube.pods(TARGET, OPTIONS);
  expect(tokens()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  expect(calls()[0]).toEqual({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, cluster: { server: api.url, 'insecure-skip-tls-verify': false } },
  });
});

test('a 401 renews the token once, also when several requests meet it', async () => {
  const kube = await cluster({ command: plugin(prints(`{ token: ${counted} }`)) });
  api.on(`GET ${PODS}`, ({ headers }) =>
    headers.authorization === 'Bearer token-2'
      ? { body: { kind: 'PodList', metadata: {}, items: [] } }
      : statusObject(401, 'Unauthorized', 'Unauthorized'),
  );
  await kube.pods(TARGET, OPTIONS);
  expect(calls()).toHaveLength(1);
  clock.move(10_000);
  const looks = await Promise.all([kube.pods(TARGET, OPTIONS), kube.pods(TARGET, OPTIONS)]);
  expect(looks.map(({ kind }) => kind)).toEqual(['answered', 'answered']);
  expect(calls()).toHaveLength(2);
});

test('a token that stays wrong is no reason to run the plugin for every request', async () => {
  const kube = await cluster({ command: plugin(prints(`{ token: ${counted} }`)) });
  api.on(`GET ${PODS}`, statusObject(401, 'Unauthorized', 'Unauthorized'));
  clock.move(10_000);
  for (let times = 0; times < 3; times += 1) {
    expect(withoutTimes(await kube.pods(TARGET, OPTIONS))).toEqual({
      kind: 'unreadable',
      cause: 'unauthorized',
      detail: 'the API server answered 401: Unauthorized',
    });
  }
  expect(calls().length).toBeLessThanOrEqual(2);
});

const none = 'there are no credentials for the API server: ';
test.each<{ name: string; exec: () => object; want: string }>([
  {
    name: 'not installed',
    exec: () => ({ command: 'no-such-plugin', installHint: 'get it at example.com' }),
    want: 'the exec plugin "no-such-plugin" is not installed (get it at example.com) (user "u")',
  },
  { name: 'no command', exec: () => ({}), want: 'the exec plugin has no command (user "u")' },
  {
    name: 'wants a terminal',
    exec: () => ({ command: 'x', interactiveMode: 'Always' }),
    want: 'the exec plugin "x" wants a terminal (user "u")',
  },
  {
    name: 'fails, and shows a secret of its environment',
    exec: () => ({
      command: plugin(`console.error('no session for ' + process.env.AWS_SECRET); process.exit(3)`),
      env: [{ name: 'AWS_SECRET', value: TOKEN }],
    }),
    want: 'the exec plugin "./plugin.js" failed with 3: no session for <secret> (user "u")',
  },
  {
    name: 'prints something else',
    exec: () => ({ command: plugin(`console.log('${TOKEN}')`) }),
    want: 'the exec plugin "./plugin.js" printed no usable ExecCredential (user "u")',
  },
  {
    name: 'prints no token',
    exec: () => ({ command: plugin(prints('{}')) }),
    want: 'the exec plugin "./plugin.js" printed no usable ExecCredential (user "u")',
  },
  {
    name: 'hangs',
    exec: () => ({ command: plugin('setInterval(() => {}, 1000)') }),
    want: 'the exec plugin "./plugin.js" did not answer within 1.5 s (user "u")',
  },
])('a plugin that cannot be used: $name', async ({ exec, want }) => {
  const kube = await cluster(exec());
  const told = withoutTimes(await kube.pods(TARGET, { deadlineMs: 4_000 }));
  expect(told).toEqual({ kind: 'unreadable', cause: 'unauthorized', detail: `${none}${want}` });
  expect(await kube.remove(TARGET, { name: 'one', uid: 'u' }, { deadlineMs: 4_000 })).toEqual({
    kind: 'failed',
    status: null,
    unsent: true,
    detail: `nothing was removed: ${none}${want}`,
  });
  expect(api.requests).toEqual([]);
});

test('a plugin slower than the look leaves its token to the next look', async () => {
  const kube = await cluster({
    command: plugin(`setTimeout(() => { ${prints("{ token: 'late' }")} }, 500)`),
  });
  expect(withoutTimes(await kube.pods(TARGET, { deadlineMs: 100 }))).toEqual({
    kind: 'unreachable',
    cause: 'timeout',
    detail: 'the credentials for the API server were not ready in time',
  });
  await kube.pods(TARGET, OPTIONS);
  expect(tokens()).toEqual(['Bearer late']);
  expect(calls()).toHaveLength(1);
});
