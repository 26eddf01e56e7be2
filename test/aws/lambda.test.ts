import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Line } from '../../functions/core/check-up.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { airflowLikeSchema } from '../../functions/demo/airflow-like-schema.ts';
import { type SlackStub, startSlackStub } from '../stubs/channels.ts';
import { startEksStub } from '../stubs/eks.ts';
import type { LambdaRuntime } from '../stubs/lambda-runtime.ts';
import { insertJob } from '../support/airflow-schema.ts';
import { type ForgetfulProxy, startForgetfulProxy } from '../support/forgetful-proxy.ts';
import { type KubeApiServer, podObject, startKubeApi } from '../support/kube-api.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { type Account, openAccount, schedule, startFunction, targetLines } from './world.ts';

/** What Lambda does to a function: freezing, killing, few descriptors, little memory. The cluster is a stand-in, the rest is real. */
const POD = 'airflow-scheduler-0';
const PODS = '/api/v1/namespaces/airflow/pods';
let postgres: TestPostgres;
let kube: KubeApiServer;
let slack: SlackStub;
let account: Account;
let lambda: LambdaRuntime;
let proxies: readonly ForgetfulProxy[] = [];
let env: Readonly<Record<string, string>>;
let ticks: ReturnType<typeof schedule>;
let databases = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.stop());

let eks: Awaited<ReturnType<typeof startEksStub>>;
let database: string;

beforeEach(async () => {
  ticks = schedule();
  kube = await startKubeApi();
  slack = await startSlackStub();
  kube.pods.set(`airflow/${POD}`, podObject(POD));
  kube.on(`GET ${PODS}/${POD}:8974/proxy/health`, { headers: { server: 'BaseHTTP/0.6 Python/3.12.1' } });
  const apps = 'GET /apis/apps/v1/namespaces/airflow';
  const owner = { kind: 'Deployment', name: 'airflow-scheduler', controller: true };
  kube.on(`${apps}/replicasets/airflow-scheduler-6c9`, {
    body: { kind: 'ReplicaSet', metadata: { ownerReferences: [owner] } },
  });
  kube.on(`${apps}/deployments/airflow-scheduler`, {
    body: {
      kind: 'Deployment',
      metadata: { name: 'airflow-scheduler' },
      spec: { replicas: 1 },
      status: {
        replicas: 1,
        updatedReplicas: 1,
        conditions: [{ type: 'Progressing', reason: 'NewReplicaSetAvailable' }],
      },
    },
  });
  databases += 1;
  database = `airflow${databases}`;
  await postgres.run('postgres', `CREATE DATABASE ${database}`);
  await postgres.run(
    database,
    [airflowLikeSchema(3), insertJob('postgres', { id: 1, heartbeatAgo: 2 })].join(';'),
  );
  account = await openAccount();
  const toKube = await startForgetfulProxy(kube.url);
  const toMoto = await startForgetfulProxy(account.env.AWS_ENDPOINT_URL ?? '');
  const toDynamo = await startForgetfulProxy(account.env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
  const toSlack = await startForgetfulProxy(slack.webhookUrl);
  proxies = [toKube, toMoto, toDynamo, toSlack];
  eks = await startEksStub({ clusters: { prod: { endpoint: toKube.url, ca: '' } } });
  env = {
    ...account.env,
    AWS_ENDPOINT_URL: toMoto.url,
    AWS_ENDPOINT_URL_DYNAMODB: toDynamo.url,
    AWS_ENDPOINT_URL_EKS: eks.url,
  };
  await account.putSecret(`${account.prefix}/database`, postgres.url(database));
  await account.putSecret(`${account.prefix}/slack`, slack.webhookUrl);
  await put('targets/prod', {
    cluster: { eks: 'prod', region: 'eu-central-1' },
    namespace: 'airflow',
    health: { podPort: 8974 },
    database: { engine: 'postgres', secret: `secretsmanager:${account.prefix}/database` },
    policy: { mode: 'remediate', heartbeatLimit: '30s', databaseGrace: '1s', allowUnsafe: true },
  });
  const webhook = `secretsmanager:${account.prefix}/slack`;
  await put('channels/oncall', { type: 'slack', webhook, endpoint: toSlack.url }, true);
});

afterEach(async () => {
  await lambda?.close();
  await Promise.all([...proxies, kube, slack, eks, account].map((one) => one.close()));
});

const put = (name: string, document: object, secret = false) =>
  account.documents.put({ name, text: JSON.stringify(document), secret });
const beat = (secondsAgo: number) =>
  postgres.run(
    database,
    `UPDATE job SET latest_heartbeat = CURRENT_TIMESTAMP - ${secondsAgo} * INTERVAL '1 second' WHERE hostname = '${POD}'`,
  );
/** Stopped, and its health server says so; its last heartbeat stands as it is, since one never goes back. */
function wedge() {
  kube.on(`GET ${PODS}/${POD}:8974/proxy/health`, {
    status: 503,
    headers: { server: 'BaseHTTP/0.6 Python/3.12.1', 'content-type': 'text/html;charset=utf-8' },
    body: '<p>Error code: 503</p>',
  });
}
const deletes = () => kube.requests.filter(({ method }) => method === 'DELETE');

/** Before a wedge the last heartbeat that is seen is nearly too old, so that the next tick convicts. */
const NEARLY_DEAD = 24;

async function healthyTick(secondsAgo = 2) {
  await beat(secondsAgo);
  const told = await lambda.invoke(ticks.next());
  expect(told).toMatchObject({ kind: 'ok' });
  const [line] = targetLines(told.logs);
  return { told, cause: line?.pods[0]?.cause ?? `blind: ${line?.blind}`, looks: line?.looks };
}

test('20 freezes in which every kept connection is forgotten without a word: no false observation', async () => {
  lambda = await startFunction(env, { freezeBetween: true });
  const causes: string[] = [];
  for (let freeze = 0; freeze <= 20; freeze += 1) {
    const { told, cause } = await healthyTick();
    causes.push(cause);
    expect(told.cold).toBe(freeze === 0);
    for (const proxy of proxies) proxy.forget();
  }
  expect(causes.filter((cause) => cause !== 'healthy' && cause !== 'idle')).toEqual([]);
  expect(causes).toHaveLength(21);
  // Retries would hide a connection that is used on after a freeze, at 3 s a tick.
  expect(proxies.map((proxy) => proxy.talkedToNobody())).toEqual(proxies.map(() => 0));
  expect(deletes()).toEqual([]);
});

test('a time-out that comes near: the tick stops looking, saves and answers in time', async () => {
  lambda = await startFunction(env);
  await healthyTick();
  // Old enough to be worth many looks, too fresh to be dead within these 12 seconds.
  await beat(14);
  const told = await lambda.invoke(ticks.next(), { timeoutMs: 12_000 });
  expect(told).toMatchObject({ kind: 'ok', payload: { targets: 1, removed: 0 } });
  expect(deletes()).toEqual([]);
});

test('killed between the intent and the answer: the next tick takes the removal up again, and the pod goes once', async () => {
  lambda = await startFunction(env);
  await healthyTick(NEARLY_DEAD);
  wedge();
  kube.on(`DELETE ${PODS}/${POD}`, 'hang');
  const killed = lambda.invoke(ticks.next());
  await waitUntil(() => deletes().some(({ body }) => !body.includes('dryRun')));
  await lambda.kill();
  expect(await killed).toMatchObject({ kind: 'exited' });
  const kinds = (await account.state.history({ target: 'prod', limit: 10 })).map(({ kind }) => kind);
  expect(kinds).toContain('intent');
  const uid = kube.pods.get(`airflow/${POD}`)?.metadata.uid;
  kube.on(`DELETE ${PODS}/${POD}`, ({ body }) => {
    const asked = JSON.parse(body) as { preconditions?: { uid?: string } };
    expect(asked.preconditions?.uid).toBe(uid);
    kube.pods.delete(`airflow/${POD}`);
    return { body: { kind: 'Pod', apiVersion: 'v1', metadata: { uid } } };
  });
  expect(await lambda.invoke(ticks.next())).toMatchObject({ kind: 'ok', cold: true });
  // The fleet's book says that a pod of this workload was removed, until its window is over.
  const end = Date.now() + 2 * LIMITS.fleetBudgetWindowMs;
  while (kube.pods.has(`airflow/${POD}`) && Date.now() < end) await lambda.invoke(ticks.next());
  expect(kube.pods.has(`airflow/${POD}`)).toBe(false);
});

test('two invocations at once: one removal', async () => {
  lambda = await startFunction(env);
  const other = await startFunction(env);
  try {
    await healthyTick(NEARLY_DEAD);
    wedge();
    const event = ticks.next();
    const told = await Promise.all([lambda.invoke(event), other.invoke(event)]);
    expect(told).toMatchObject([{ kind: 'ok' }, { kind: 'ok' }]);
    const real = deletes().filter(({ body }) => !body.includes('dryRun'));
    expect({
      real: real.length,
      said: told.flatMap(({ logs }) => targetLines(logs).map((line) => line.decision)),
    }).toMatchObject({
      real: 1,
    });
  } finally {
    await other.close();
  }
});

test('an event three minutes late looks and does not act', async () => {
  lambda = await startFunction(env);
  await healthyTick(NEARLY_DEAD);
  wedge();
  const late = schedule().next();
  const at = new Date(new Date(late.scheduledTime).getTime() - 180_000).toISOString();
  // A minute that was not done yet: the state has to know nothing newer.
  const fresh = await openAccount();
  try {
    await lambda.close();
    lambda = await startFunction({ ...env, WATCHDOG_STATE: `dynamodb:${fresh.table}` });
    const told = await lambda.invoke({ scheduledTime: at });
    expect(targetLines(told.logs)).toMatchObject([
      {
        decision: {
          kind: 'hold',
          holds: expect.arrayContaining([expect.objectContaining({ code: 'late-tick' })]),
        },
      },
    ]);
    expect(deletes()).toEqual([]);
  } finally {
    await fresh.close();
  }
});

test('DynamoDB down: nothing is removed, and the tick fails with words that say so', async () => {
  lambda = await startFunction(env);
  await healthyTick(NEARLY_DEAD);
  wedge();
  await lambda.close();
  lambda = await startFunction({ ...env, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' });
  const told = await lambda.invoke(ticks.next());
  expect(told).toMatchObject({ kind: 'error' });
  expect(JSON.stringify(told.payload)).toMatch(/WD_STATE_UNAVAILABLE.*nothing was removed/);
  expect(deletes()).toEqual([]);
});

test('SSM down after a good read: the last list goes on being used, and says so', async () => {
  lambda = await startFunction(env);
  await healthyTick();
  await lambda.close();
  lambda = await startFunction({ ...env, AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9' });
  const { cause, told } = await healthyTick();
  expect(cause).toMatch(/^(healthy|idle)$/);
  expect(told.logs.join('\n')).toMatch(/TargetListStale\\?":1/);
});

test('asked as a doctor the function answers with its own set-up: its role, its network, its table, and nothing is changed', async () => {
  lambda = await startFunction(env);
  await beat(2);
  const before = await account.state.load('prod');
  const told = await lambda.invoke({ doctor: true });
  expect(told).toMatchObject({ kind: 'ok' });
  const { doctor: lines } = told.payload as { doctor: readonly Line[] };
  const levelOf = (id: string) => lines.find(({ prerequisite }) => prerequisite === id)?.level;
  for (const id of [
    'documents',
    'channel-way',
    'state-writable',
    'cluster-login',
    'pods',
    'dry-run',
    'database-login',
    'grant',
    'heartbeats',
  ])
    expect([id, levelOf(id)]).toEqual([id, 'ok']);
  expect(levelOf('channel-message')).toBe('skipped');
  expect(deletes().map(({ body }) => JSON.parse(body).dryRun)).toEqual([['All'], ['All']]);
  expect(slack.messages).toEqual([]);
  expect(await account.state.load('prod')).toEqual(before);
  // The next event of the schedule is a tick as ever.
  expect((await healthyTick()).cause).toMatch(/^(healthy|idle)$/);
});

test('what is wrong with the function is named from inside of it: a secret that its role cannot read', async () => {
  const document = {
    cluster: { eks: 'prod', region: 'eu-central-1' },
    namespace: 'airflow',
    health: { podPort: 8974 },
    database: { engine: 'postgres', secret: `secretsmanager:${account.prefix}/absent` },
  };
  await put('targets/prod', document);
  lambda = await startFunction(env);
  const told = await lambda.invoke({ doctor: true, only: ['prod'] });
  const { doctor: lines } = told.payload as { doctor: readonly Line[] };
  const red = lines.filter(({ target, level }) => target === 'prod' && level === 'fail');
  expect(red.map(({ prerequisite }) => prerequisite)).toEqual(['database-secret']);
  expect(red[0]?.cure).toContain('aws secretsmanager get-secret-value');
});

test('an event that is not ours is an error and looks at nothing', async () => {
  lambda = await startFunction(env);
  const told = await lambda.invoke({ Records: [] });
  expect(told).toMatchObject({ kind: 'error' });
  expect(JSON.stringify(told.payload)).toMatch(/WD_USAGE/);
  expect(kube.requests).toEqual([]);
});

test('60 targets with 1,024 descriptors and 256 MB', async () => {
  const targets = Array.from({ length: 60 }, (_, at) => `fleet-${at}`);
  for (const id of targets) {
    await put(`targets/${id}`, {
      cluster: { eks: 'prod', region: 'eu-central-1' },
      namespace: 'airflow',
      health: { podPort: 8974 },
      database: { engine: 'postgres', secret: `secretsmanager:${account.prefix}/database` },
    });
  }
  lambda = await startFunction(env, { memoryMb: 256, fdLimit: 1_024 });
  for (let at = 0; at < 3; at += 1) {
    const { told } = await healthyTick();
    expect(told).toMatchObject({ kind: 'ok', payload: { targets: 61, held: 0 } });
  }
});

async function waitUntil(is: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!is()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${lambda.logs().slice(-4).join('\n')}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
