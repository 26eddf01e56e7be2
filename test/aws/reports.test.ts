import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createS3Reports } from '../../functions/adapters/aws/s3-reports.ts';
import { createAgent } from '../../functions/adapters/http/agent.ts';
import { boundedRequest } from '../../functions/adapters/http/request.ts';
import { signedQuery } from '../../functions/adapters/http/signed-link.ts';
import type { LambdaRuntime } from '../stubs/lambda-runtime.ts';
import { type Account, openAccount, startReader } from './world.ts';

/** From the writer through a bucket to who clicks: the packed reader in the real runtime client, S3 and SSM as moto has them. */
const KEY = 'a key of links for tests alone, and long enough';
const NAME = 'prod-airflow-2026-11-23T03-13-00Z.html';
const agent = createAgent();
let account: Account;
let reader: LambdaRuntime;

beforeAll(async () => {
  account = await openAccount();
  const endpoint = account.env.AWS_ENDPOINT_URL ?? '';
  const bucket = `reports${account.prefix.replaceAll('/', '-')}`;
  const made = await boundedRequest({
    url: `${endpoint}/${bucket}`,
    method: 'PUT',
    body: '<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/20261123/eu-central-1/s3/aws4_request' },
    dispatcher: agent,
    deadlineMs: 10_000,
  });
  expect(made).toMatchObject({ kind: 'answer', status: 200 });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = account.env;
  const reports = createS3Reports({
    bucket,
    endpoint,
    credentials: async () => ({ accessKeyId, secretAccessKey }),
    region: async () => 'eu-central-1',
    clock: { now: Date.now },
  });
  await reports.put(NAME, '<!doctype html><p>é & all</p>');
  await account.putSecret(`${account.prefix}/links`, KEY);
  reader = await startReader({
    ...account.env,
    WATCHDOG_REPORTS: `s3:${bucket}`,
    WATCHDOG_REPORTS_KEY: `secretsmanager:${account.prefix}/links`,
  });
});
afterAll(async () => {
  await reader?.close();
  await account?.close();
  await agent.close();
});

const read = (name: string, query: string) =>
  reader.invoke({ requestContext: { http: { method: 'GET' } }, rawPath: `/${name}`, rawQueryString: query });

test('what the watchdog wrote is what a link shows', async () => {
  const told = await read(NAME, signedQuery(NAME, Date.now() + 60_000, KEY));
  expect(told).toMatchObject({
    kind: 'ok',
    payload: { statusCode: 200, body: '<!doctype html><p>é & all</p>' },
  });
});

test.each([
  ['a link that is over', NAME, () => signedQuery(NAME, Date.now() - 60_000, KEY), 410],
  ['a link of another key', NAME, () => signedQuery(NAME, Date.now() + 60_000, 'x'.repeat(40)), 403],
  ['a page that is not there', 'a.html', () => signedQuery('a.html', Date.now() + 60_000, KEY), 404],
])('%s shows nothing', async (_, name, query, statusCode) => {
  expect(await read(name, query())).toMatchObject({ kind: 'ok', payload: { statusCode } });
});
