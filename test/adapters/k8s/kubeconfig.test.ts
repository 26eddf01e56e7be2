import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createSessions, type Sessions } from '../../../functions/adapters/k8s/sessions.ts';
import { movableClock, TOKEN } from './setup.ts';

let folder: string;
let sessions: Sessions;
let env: Record<string, string | undefined>;
const clock = movableClock();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  env = { PATH: process.env.PATH };
  sessions = createSessions({ clock, env, home: folder });
});
afterEach(async () => {
  await sessions.close();
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const config = (user: object, cluster: object = {}, context: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'one',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u', ...context } }],
    users: [{ name: 'u', user }],
  });
const open = (text: string, context: string | null = null) =>
  sessions.open({ path: file('config', text), context });

test.each([
  { name: 'a token', user: { token: TOKEN }, want: { authorization: `Bearer ${TOKEN}` } },
  {
    name: 'user and password',
    user: { username: 'anna', password: 'pass' },
    want: { authorization: 'Basic YW5uYTpwYXNz' },
  },
  {
    name: 'impersonation',
    user: { token: TOKEN, as: 'bob' },
    want: { authorization: `Bearer ${TOKEN}`, 'impersonate-user': 'bob' },
  },
  { name: 'nothing at all', user: {}, want: {} },
])('headers from $name', async ({ user, want }) => {
  const session = await open(config(user));
  expect(session.server).toBe('https://127.0.0.1:6443');
  expect(await session.headers()).toEqual(want);
});

test.each([
  { status: 401, hint: /user "u".*kubectl --context one auth whoami/ },
  { status: 403, hint: /infra\/k8s\/rbac\.yml.*group scheduler-watchdog/ },
])('a $status names what to run', async ({ status, hint }) => {
  const session = await open(config({ token: TOKEN }));
  expect(session.hint?.({ kind: 'answered', status, date: null })).toMatch(hint);
});

test('other failures are left to speak for themselves', async () => {
  const session = await open(config({ token: TOKEN }));
  expect(session.hint?.({ kind: 'answered', status: 500, date: null })).toBeNull();
  expect(session.hint?.({ kind: 'unreachable' })).toBeNull();
});

test('a token file next to the kubeconfig is read again after a minute, and after a 401', async () => {
  file('token', 'first\n');
  const session = await open(config({ tokenFile: 'token' }));
  expect(await session.headers()).toEqual({ authorization: 'Bearer first' });
  file('token', 'second');
  expect(await session.headers()).toEqual({ authorization: 'Bearer first' });
  clock.move(60_000);
  expect(await session.headers()).toEqual({ authorization: 'Bearer second' });
  file('token', 'third');
  clock.move(10_000);
  expect(await session.headers(true)).toEqual({ authorization: 'Bearer third' });
});

test('one session per context, however many ask, and a mended file is read again', async () => {
  const path = file('config', 'nonsense');
  await expect(sessions.open({ path, context: null })).rejects.toThrow('WD_KUBECONFIG');
  file('config', config({ token: TOKEN }));
  const [first, second] = await Promise.all([
    sessions.open({ path, context: null }),
    sessions.open({ path, context: null }),
  ]);
  expect(first).toBe(second);
  expect(await sessions.open({ path, context: 'one' })).not.toBe(first);
});

test('$KUBECONFIG may name several files: missing ones are left out, the first mention of a name wins', async () => {
  const first = file('first', config({ token: 'first' }));
  const second = file('second', config({ token: 'second' }).replaceAll('"one"', '"two"'));
  env.KUBECONFIG = [join(folder, 'missing'), first, second].join(delimiter);
  const headers = async (context: string | null) => (await sessions.open({ path: null, context })).headers();
  expect(await headers(null)).toEqual({ authorization: 'Bearer first' });
  expect(await headers('two')).toEqual({ authorization: 'Bearer first' });
});

const text = (document: object) => JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...document });
const PEM = Buffer.from('no certificate').toString('base64');

test.each<{ name: string; given: string; context?: string; want: string | RegExp }>([
  {
    name: 'broken YAML',
    given: `a: [1\nusers: "${TOKEN}`,
    want: /^the file FILE is no readable kubeconfig \(line \d+: [a-z ,]+\)$/,
  },
  { name: 'no YAML document', given: '', want: 'the file FILE is no readable kubeconfig' },
  {
    name: 'a document of another kind',
    given: 'just a sentence',
    want: /^FILE has no current-context and none was given$|^the file FILE is no readable kubeconfig$/,
  },
  { name: 'no current context', given: text({}), want: 'FILE has no current-context and none was given' },
  {
    name: 'an unknown context',
    given: config({ token: TOKEN }),
    context: 'prod',
    want: 'FILE has no usable context "prod" (it has: "one")',
  },
  {
    name: 'no contexts at all',
    given: text({ 'current-context': 'x' }),
    want: 'FILE has no usable context "x" (it has: none)',
  },
  {
    name: 'a context without its cluster',
    given: config({ token: TOKEN }, {}, { cluster: 'gone' }),
    want: 'context "one" of FILE names the cluster "gone", which has no usable entry',
  },
  {
    name: 'a context without its user',
    given: config({ token: TOKEN }, {}, { user: 'gone' }),
    want: 'context "one" of FILE names the user "gone", which has no usable entry',
  },
  {
    name: 'a context that names no user',
    given: config({ token: TOKEN }, {}, { user: '' }),
    want: 'context "one" of FILE names no user',
  },
  {
    name: 'a server that is no address',
    given: config({ token: TOKEN }, { server: 'api.example.com:6443' }),
    want: 'context "one" has no http(s) server address',
  },
  {
    name: 'a proxy of another kind',
    given: config({ token: TOKEN }, { 'proxy-url': 'socks5://proxy:1080' }),
    want: 'the proxy-url of context "one" is none of http or https',
  },
  {
    name: 'an auth-provider of old',
    given: config({ 'auth-provider': { name: 'gcp', config: { 'access-token': TOKEN } } }),
    want: 'user "u" has the auth-provider "gcp", which is not supported; use an exec plugin',
  },
  {
    name: 'a certificate without its key',
    given: config({ 'client-certificate-data': PEM }),
    want: 'user "u" has a client certificate without a key',
  },
  {
    name: 'a key without its certificate',
    given: config({ 'client-key-data': PEM }),
    want: 'user "u" has a client key without a certificate',
  },
  {
    name: 'a damaged certificate',
    given: config({ 'client-certificate-data': PEM, 'client-key-data': PEM }),
    want: /^the certificates of context "one" cannot be used \(ERR_\w+\)$/,
  },
  {
    name: 'a CA file that is not there',
    given: config({ token: TOKEN }, { 'certificate-authority': 'ca.crt' }),
    want: 'the file FOLDER/ca.crt cannot be read (ENOENT)',
  },
])('$name', async ({ given, context, want }) => {
  const error = await open(given, context ?? null).catch((thrown) => thrown);
  const what = String(error.explained.what)
    .replaceAll(join(folder, 'config'), 'FILE')
    .replaceAll(folder, 'FOLDER');
  if (typeof want === 'string') expect(what).toBe(want);
  else expect(what).toMatch(want);
  expect({ code: error.explained.code, leaks: String(error.stack).includes(TOKEN) }).toEqual({
    code: 'WD_KUBECONFIG',
    leaks: false,
  });
});

test('a file that does not exist', async () => {
  const path = join(folder, 'missing');
  await expect(sessions.open({ path, context: null })).rejects.toThrow(
    `WD_KUBECONFIG: the file ${path} does not exist; the cluster was not looked at. Try \`kubectl --context NAME get pods\` with the same kubeconfig, then \`scheduler-watchdog check\`.`,
  );
  await expect(sessions.open({ path: null, context: null })).rejects.toThrow(
    `the file ${join(folder, '.kube', 'config')} does not exist`,
  );
  await expect(sessions.open({ path: folder, context: null })).rejects.toThrow(
    `the file ${folder} cannot be read (EISDIR)`,
  );
});

test('a broken entry of another context does no harm', async () => {
  const whole = JSON.parse(config({ token: TOKEN }));
  whole.clusters.push({ name: 'broken', cluster: {} });
  whole.contexts.push({ name: 'broken' });
  const session = await open(JSON.stringify(whole));
  expect(await session.headers()).toEqual({ authorization: `Bearer ${TOKEN}` });
});

test('a token file that disappeared is said, without a guess at another way in', async () => {
  const session = await open(config({ tokenFile: 'gone' }));
  await expect(session.headers()).rejects.toThrow(
    `the token file ${join(folder, 'gone')} cannot be read (ENOENT)`,
  );
});
