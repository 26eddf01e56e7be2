import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createAwsConnections } from '../../../functions/adapters/aws/connections.ts';
import {
  createEksSessions,
  type EksRef,
  type EksSessions,
} from '../../../functions/adapters/aws/eks-sessions.ts';
import { MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { type EksStub, startEksStub } from '../../stubs/eks.ts';

const REF: EksRef = { kind: 'eks', name: 'prod', region: 'eu-west-1', roleArn: null, externalId: null };
const PROD = { endpoint: 'https://127.0.0.1:1', ca: 'a certificate' };
const NAMES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ENDPOINT_URL_EKS'] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);
const clock = { time: Date.UTC(2026, 0, 1), now: () => clock.time };
let eks: EksStub;
let sessions: EksSessions;

beforeEach(async () => {
  eks = await startEksStub({ clusters: { prod: PROD, hidden: { ...PROD, isPublic: false } } });
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_EKS: eks.url,
  });
  sessions = createEksSessions({ clock, settings: createAwsConnections().settings });
});
afterEach(async () => {
  await Promise.all([sessions.close(), eks.close()]);
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test('a cluster is described once in ten minutes, however many targets it has', async () => {
  const [one, other] = await Promise.all([sessions.open(REF), sessions.open(REF)]);
  expect(one).toBe(other);
  clock.time += 10 * MINUTE_MS - 1;
  expect(await sessions.open(REF)).toBe(one);
  expect(eks.calls('prod')).toBe(1);
  clock.time += 1;
  expect(await sessions.open(REF)).toBe(one);
  expect(eks.calls('prod')).toBe(2);
});

test('a cluster with a new address gets a new session', async () => {
  const old = await sessions.open(REF);
  eks.setClusters({ prod: { ...PROD, endpoint: 'https://127.0.0.1:2/' } });
  clock.time += 10 * MINUTE_MS;
  const next = await sessions.open(REF);
  expect([next === old, next.server]).toEqual([false, 'https://127.0.0.1:2']);
});

test('while EKS is throttled the last address goes on being used; a right that was taken away does not', async () => {
  const session = await sessions.open(REF);
  clock.time += 10 * MINUTE_MS;
  eks.fail('throttled');
  expect(await sessions.open(REF)).toBe(session);
  eks.fail('denied');
  await expect(sessions.open(REF)).rejects.toThrow(/WD_EKS.*AccessDeniedException/);
});

test('a token lives 14 minutes, and a 401 brings at most one new one in ten seconds', async () => {
  const session = await sessions.open(REF);
  const token = async (renew = false) => (await session.headers(renew)).authorization;
  const first = await token();
  clock.time += 9 * SECOND_MS;
  expect(await token(true)).toBe(first);
  clock.time += SECOND_MS;
  const second = await token(true);
  expect(second).not.toBe(first);
  clock.time += 14 * MINUTE_MS - 1;
  expect(await token()).toBe(second);
  clock.time += 1;
  const third = await token();
  expect(third).not.toBe(second);
  clock.time -= 20 * MINUTE_MS;
  expect(await token()).not.toBe(third);
});

test.each([
  { name: 'absent', mode: 'normal', run: /list-clusters --region eu-west-1.*cluster\.roleArn/ },
  { name: 'prod', mode: 'denied', run: /Give the function's role eks:DescribeCluster on prod/ },
  { name: 'prod', mode: 'down', run: /next tick tries again.*NAT gateway or an interface endpoint/ },
] as const)('EKS is $mode, cluster $name: the error says what to do', async ({ name, mode, run }) => {
  eks.fail(mode);
  await expect(sessions.open({ ...REF, name })).rejects.toMatchObject({
    explained: { code: 'WD_EKS', notDone: 'the target was not looked at', run: expect.stringMatching(run) },
  });
});

test.each([
  {
    what: 'no access entry',
    name: 'prod',
    failure: { kind: 'answered', status: 401 },
    hint: /give it an access entry/,
  },
  {
    what: 'no right',
    name: 'prod',
    failure: { kind: 'answered', status: 403 },
    hint: /infra\/k8s\/rbac\.yml/,
  },
  {
    what: 'a public endpoint that is closed',
    name: 'prod',
    failure: { kind: 'unreachable' },
    hint: /allowed address ranges/,
  },
  {
    what: 'a private endpoint',
    name: 'hidden',
    failure: { kind: 'unreachable' },
    hint: /SubnetIds and SecurityGroupIds/,
  },
  { what: 'a defect of the server', name: 'prod', failure: { kind: 'answered', status: 500 }, hint: null },
] as const)('$what: the usual reason is named', async ({ name, failure, hint }) => {
  const session = await sessions.open({ ...REF, name });
  const said = session.hint?.(failure.kind === 'answered' ? { ...failure, date: null } : failure) ?? null;
  if (hint === null) expect(said).toBeNull();
  else expect(said).toMatch(hint);
});

test.each([
  { minutes: 16, hint: /16 minutes ahead of the API server's.*unborn/ },
  { minutes: -16, hint: /16 minutes behind the API server's.*expired/ },
  { minutes: 1, hint: /give it an access entry/ },
])('a clock that is $minutes minutes off', async ({ minutes, hint }) => {
  const session = await sessions.open(REF);
  const date = clock.time - minutes * MINUTE_MS;
  expect(session.hint?.({ kind: 'answered', status: 401, date })).toMatch(hint);
});
