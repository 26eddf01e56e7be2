import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeAwsError } from '../../../functions/adapters/aws/errors.ts';
import { createInvoke } from '../../../functions/adapters/aws/invoke-function.ts';
import { type KubeApiServer, startKubeApi } from '../../support/kube-api.ts';

const AT = 'POST /2015-03-31/functions/watchdog/invocations';
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a-very-secret-key' };
let server: KubeApiServer;
beforeEach(async () => {
  server = await startKubeApi();
});
afterEach(() => server.close());

const invoke = (region = async () => 'eu-west-1') =>
  createInvoke({ credentials: async () => KEYS, region, endpoint: server.url })('watchdog', { doctor: true });

test('one signed request, and the answer as it came', async () => {
  server.on(AT, { body: { doctor: [] } });
  expect(await invoke()).toEqual({ doctor: [] });
  const [{ body, headers } = { body: '', headers: {} as Record<string, string> }] = server.requests;
  expect(JSON.parse(body)).toEqual({ doctor: true });
  expect(headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/lambda\/aws4_request, SignedHeaders=.*host/,
  );
});

test.each([
  {
    name: 'a function that is not there',
    answer: { status: 404, body: { Message: 'Function not found' } },
    says: /404.*not found/,
  },
  {
    name: 'no right',
    answer: { status: 403, body: { Message: 'not authorized to perform' } },
    says: /403.*authorized/,
  },
  {
    name: 'a function that threw',
    answer: { headers: { 'x-amz-function-error': 'Unhandled' }, body: { errorMessage: 'WD_USAGE: no' } },
    says: /it failed.*WD_USAGE/,
  },
])('$name is explained', async ({ answer, says }) => {
  server.on(AT, answer);
  await expect(invoke()).rejects.toThrow(says);
});

test('a region that is missing is named by its variable, and the keys by nobody', async () => {
  const missing = () => Promise.reject(new Error('Region is missing'));
  const error = await invoke(missing).catch((caught: unknown) => caught);
  expect(String(error)).toMatch(/WD_FUNCTION.*AWS_REGION/);
  expect(String(error)).not.toContain(KEYS.secretAccessKey);
  expect(describeAwsError(new Error('Region is missing'))).toContain('AWS_REGION');
});
