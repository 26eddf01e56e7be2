import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { airflowLikeSchema } from '../../functions/demo/airflow-like-schema.ts';
import { type EksStub, startEksStub } from '../stubs/eks.ts';
import { insertJob } from '../support/airflow-schema.ts';
import { type KubeApiServer, podObject, startKubeApi } from '../support/kube-api.ts';
import { startTokenPostgres, type TokenPostgres } from './token-postgres.ts';
import { type Account, openAccount, schedule, startFunction, targetLines } from './world.ts';

/** `auth: rds-iam`: the packed function logs in to a real PostgreSQL with nothing but its role. */
const POD = 'airflow-scheduler-0';
const REGION = 'eu-central-1';
const ticks = schedule();
let kube: KubeApiServer;
let eks: EksStub;
let account: Account;
let postgres: TokenPostgres;
/** How far the database's clock is ahead. */
let aheadMs = 0;

beforeAll(async () => {
  kube = await startKubeApi();
  kube.pods.set(`airflow/${POD}`, podObject(POD));
  kube.on(`GET /api/v1/namespaces/airflow/pods/${POD}:8974/proxy/health`, {
    headers: { server: 'BaseHTTP/0.6 Python/3.12.1' },
  });
  eks = await startEksStub({ clusters: { prod: { endpoint: kube.url, ca: '' } } });
  account = await openAccount({ AWS_ENDPOINT_URL_EKS: eks.url });
  const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: key = '' } = account.env;
  postgres = await startTokenPostgres({
    user: 'watchdog',
    region: REGION,
    keys: { [id]: key },
    now: () => Date.now() + aheadMs,
  });
  const grants = 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO watchdog';
  await postgres.run(
    [
      airflowLikeSchema(3),
      insertJob('postgres', { id: 1, heartbeatAgo: 2 }),
      'CREATE ROLE watchdog LOGIN',
      grants,
    ].join(';'),
  );
  const secret = {
    engine: 'postgres',
    host: '127.0.0.1',
    port: postgres.port,
    username: 'watchdog',
    dbname: 'postgres',
    sslmode: 'verify-full',
    sslrootcert: postgres.ca,
  };
  await account.putSecret(`${account.prefix}/database`, JSON.stringify(secret));
  await account.documents.put({
    name: 'targets/prod',
    text: JSON.stringify({
      cluster: { eks: 'prod', region: REGION },
      namespace: 'airflow',
      health: { podPort: 8974 },
      database: { engine: 'postgres', auth: 'rds-iam', secret: `secretsmanager:${account.prefix}/database` },
    }),
    secret: false,
  });
});

afterAll(() => Promise.all([postgres, account, eks, kube].map((one) => one?.close())));

async function look(env: Readonly<Record<string, string>> = {}) {
  await postgres.run("UPDATE job SET latest_heartbeat = CURRENT_TIMESTAMP - INTERVAL '2 seconds'");
  const lambda = await startFunction({ ...account.env, ...env });
  const told = await lambda.invoke(ticks.next());
  await lambda.close();
  expect(told).toMatchObject({ kind: 'ok' });
  const [line] = targetLines(told.logs);
  return { text: told.logs.join('\n'), pods: line?.pods.map(({ cause }) => cause) };
}

test('a token of the role is a password: the heartbeat is read', async () => {
  const { pods } = await look();
  expect([pods, postgres.logins.map(({ ok }) => ok)]).toEqual([
    [expect.stringMatching(/^(healthy|idle)$/)],
    [true],
  ]);
});

test('it is never logged', async () => {
  const { text } = await look();
  const [{ password } = { password: '' }] = postgres.logins;
  expect(password).toMatch(/X-Amz-Signature=/);
  expect(text).not.toContain(new URLSearchParams(password).get('X-Amz-Signature'));
});

test('a token that is too old for the database is refused, and the next one is new', async () => {
  const before = postgres.logins.length;
  aheadMs = 16 * 60_000;
  const old = await look();
  aheadMs = 0;
  const fresh = await look();
  expect(postgres.logins.slice(before).at(0)).toMatchObject({ ok: false });
  expect(postgres.logins.at(-1)).toMatchObject({ ok: true });
  expect([old.pods, fresh.pods]).toEqual([['blind'], [expect.stringMatching(/^(healthy|idle)$/)]]);
});

test.each([
  ['of another secret', { AWS_SECRET_ACCESS_KEY: 'somebody-elses' }],
  ['of keys that nobody knows', { AWS_ACCESS_KEY_ID: 'UNKNOWNACCESSKEY' }],
])('a token %s is refused, which is no sign of a dead scheduler', async (_, env) => {
  const before = postgres.logins.length;
  const { pods, text } = await look(env);
  expect(postgres.logins.slice(before).map(({ ok }) => ok)).not.toContain(true);
  expect(postgres.logins.length).toBeGreaterThan(before);
  expect(pods).not.toContain('dead');
  expect(text).toMatch(/refused|password|log ?in/i);
});
