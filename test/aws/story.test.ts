import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Authenticator, startAuthenticator } from '../rig/aws/authenticator.ts';
import {
  airflow,
  certificateAuthority,
  databaseUrl,
  deploy,
  down,
  ensureUp,
  hurt,
  isUp,
  kubectl,
  type Pod,
  removals,
  SHORT_LIMITS,
  serverUrl,
  until,
  waitHealthy,
} from '../rig/rig.ts';
import { type PagerDutyStub, type SlackStub, startPagerDutyStub, startSlackStub } from '../stubs/channels.ts';
import { type EksStub, startEksStub } from '../stubs/eks.ts';
import type { Invocation, LambdaRuntime } from '../stubs/lambda-runtime.ts';
import { type StsStub, startStsStub } from '../stubs/sts.ts';
import { type Account, openAccount, schedule, startFunction, type TargetLine, targetLines } from './world.ts';

/** One wedged scheduler from the first look to the resolved page: the packed function, a real API server, a real Airflow. */
const target = airflow('3.3', 'postgres');
const USER = 'lambda-role';
const CLUSTER = 'prod';
const KEYS = { accessKeyId: 'RIGACCESSKEYFORTESTS', secretAccessKey: 'rig-secret-for-tests-only' };
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'watchdog-story-'));
const ID = 'prod-airflow';
const ticks = schedule();
let sts: StsStub;
let eks: EksStub;
let authenticator: Authenticator;
let account: Account;
let slack: SlackStub;
let pagerDuty: PagerDutyStub;
let lambda: LambdaRuntime;

async function tick(
  event: object = ticks.next(),
): Promise<Invocation & { readonly lines: readonly TargetLine[] }> {
  const told = await lambda.invoke(event);
  return { ...told, lines: targetLines(told.logs) };
}

/** Ticks until one target line fits. */
function tickUntil(what: string, seconds: number, is: (line: TargetLine) => boolean): Promise<TargetLine> {
  return until(what, seconds, async () => {
    const told = await tick();
    expect(told).toMatchObject({ kind: 'ok' });
    return told.lines.find(is);
  });
}

const removedByUs = () => removals(USER, target);

beforeAll(async () => {
  if (isUp()) throw new Error('the rig is up without the verifier of tokens: run test/rig/down first');
  const arn = 'arn:aws:sts::123456789012:assumed-role/watchdog/session';
  sts = await startStsStub({ folder, keys: { [KEYS.accessKeyId]: { secret: KEYS.secretAccessKey, arn } } });
  const roleArn = 'arn:aws:iam::123456789012:role/watchdog';
  authenticator = await startAuthenticator({
    sts,
    clusterId: CLUSTER,
    folder: join(folder, 'authenticator'),
    roles: [{ roleArn, username: USER, groups: ['scheduler-watchdog'] }],
  });
  await ensureUp({ WATCHDOG_RIG_TOKEN_WEBHOOK: authenticator.webhookKubeconfig });
  await deploy(target);
  for (const name of ['rbac.yml', 'admission-policy.yml']) await applyOurs(name);
  eks = await startEksStub({ clusters: { [CLUSTER]: { endpoint: serverUrl(), ca: certificateAuthority } } });
  slack = await startSlackStub();
  pagerDuty = await startPagerDutyStub();
  account = await openAccount({
    AWS_ENDPOINT_URL_EKS: eks.url,
    AWS_ENDPOINT_URL_STS: sts.endpointUrl,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  });
  await account.putSecret(`${account.prefix}/airflow`, databaseUrl(target));
  await account.putSecret(`${account.prefix}/slack`, slack.webhookUrl);
  const put = (name: string, document: object, secret = false) =>
    account.documents.put({ name, text: JSON.stringify(document), secret });
  await put(`targets/${ID}`, {
    cluster: { eks: CLUSTER, region: 'eu-central-1' },
    namespace: target.namespace,
    health: { podPort: 8974 },
    database: { engine: 'postgres', secret: `secretsmanager:${account.prefix}/airflow` },
    policy: SHORT_LIMITS,
  });
  await put('channels/oncall', { type: 'slack', webhook: `secretsmanager:${account.prefix}/slack` }, true);
  await put(
    'channels/pager',
    { type: 'pagerduty', routingKey: pagerDuty.routingKey, endpoint: pagerDuty.endpoint },
    true,
  );
  lambda = await startFunction(account.env, { freezeBetween: true });
  await waitHealthy(target);
});

afterAll(async () => {
  await lambda?.close();
  await Promise.all([slack, pagerDuty, account, eks].map((one) => one?.close()));
  // The API server goes before the verifier that it asks.
  if (authenticator !== undefined) await down();
  await Promise.all([authenticator?.close(), sts?.close()]);
  rmSync(folder, { recursive: true });
});

test('a healthy scheduler is looked at with a token that the real verifier accepts', async () => {
  const told = await tick();
  expect(told).toMatchObject({ kind: 'ok', cold: true, payload: { targets: 1, removed: 0 } });
  expect(told.lines).toMatchObject([
    { target: ID, pods: [{ cause: expect.stringMatching(/^(healthy|idle)$/) }], decision: { kind: 'rest' } },
  ]);
  const again = await tick();
  expect(again).toMatchObject({ kind: 'ok', cold: false, payload: { targets: 1 } });
});

test('the same event a second time does nothing', async () => {
  const event = ticks.next();
  await tick(event);
  expect(await tick(event)).toMatchObject({ kind: 'ok', payload: { targets: 0 } });
});

let wedged: Pod;

test('a wedged scheduler is removed once, by its uid, under the admission policy', async () => {
  [wedged] = (await waitHealthy(target)) as [Pod];
  await hurt(target, wedged, 'stop');
  const removal = await tickUntil('the removal', 120, ({ decision }) => decision.kind === 'remove');
  expect(removal.decision).toMatchObject({ uid: wedged.uid, answer: 'deleted' });
  expect(await removedByUs()).toMatchObject([{ pod: wedged.name, uid: wedged.uid }]);
});

test('the recovery is proved, told once to each channel, and the page is resolved', async () => {
  const [fresh] = await waitHealthy(target);
  expect(fresh?.uid).not.toBe(wedged.uid);
  await until('the resolved page', 120, async () => {
    expect(await tick()).toMatchObject({ kind: 'ok' });
    return [...pagerDuty.open.values()].includes('resolved') || undefined;
  });
  expect(pagerDuty.pages).toHaveLength(1);
  expect(slack.messages.length).toBeGreaterThanOrEqual(2);
  const kinds = (await account.state.history({ target: ID, limit: 50 })).map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['intent', 'removal', 'outcome']));
  expect(await removedByUs()).toHaveLength(1);
});

test('a heartbeat, metrics and no secret: what the log holds', () => {
  const log = lambda.logs().join('\n');
  expect(log).toContain('"Namespace":"SchedulerWatchdog"');
  for (const secret of [
    databaseUrl(target),
    slack.webhookUrl,
    pagerDuty.routingKey,
    KEYS.secretAccessKey,
    'k8s-aws-v1',
  ])
    expect(log).not.toContain(secret);
});

test('STS down: no token is believed, the target is blind with a clear sentence, nothing is removed', async () => {
  sts.mode = 'down';
  try {
    // The API server believes a token for 10 s more by itself.
    const line = await tickUntil('a blind tick', 60, ({ blind }) => blind !== undefined);
    expect(line).toMatchObject({ target: ID, blind: expect.stringMatching(/token|401/), pods: [] });
  } finally {
    sts.mode = 'normal';
  }
  await tickUntil('sight again', 60, ({ decision }) => decision.kind === 'rest');
  expect(await removedByUs()).toHaveLength(1);
});

/** The files of infra/k8s as they are, but for the namespace. */
async function applyOurs(name: string): Promise<void> {
  const text = readFileSync(join(root, 'infra/k8s', name), 'utf8');
  const file = join(folder, name);
  writeFileSync(file, text.replaceAll('namespace: airflow', `namespace: ${target.namespace}`));
  await kubectl('apply', '-f', file);
}
