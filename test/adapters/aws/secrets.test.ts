import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, test } from '@jest/globals';
import { createAwsConnections } from '../../../functions/adapters/aws/connections.ts';
import { createAwsSecrets } from '../../../functions/adapters/aws/secrets.ts';
import type { SecretRef } from '../../../functions/core/target.ts';
import { HOUR_MS } from '../../../functions/core/time.ts';
import { type AwsAnswer, type AwsJsonStub, startAwsJsonStub } from '../../stubs/aws-json.ts';

let stub: AwsJsonStub;
let ssm: SSMClient;
afterEach(async () => {
  ssm.destroy();
  await stub.close();
});

async function secretsOf(answer: (operation: string) => AwsAnswer) {
  stub = await startAwsJsonStub(answer);
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const settings = {
    ...createAwsConnections().settings,
    endpoint: stub.url,
    credentials,
    region: 'eu-west-1',
  };
  ssm = new SSMClient(settings);
  const clock = { time: 1_000_000, now: () => clock.time };
  const local = { resolve: async ({ scheme, name }: SecretRef) => `local ${scheme}:${name}` };
  return { clock, source: createAwsSecrets({ clock, local, ssm, settings }) };
}

const SSM: SecretRef = { scheme: 'ssm', name: '/w/secrets/db' };
const MANAGER: SecretRef = { scheme: 'secretsmanager', name: 'airflow-db' };
const answers = (value: () => string) => (operation: string) => ({
  body: operation === 'GetParameter' ? { Parameter: { Value: value() } } : { SecretString: value() },
});

test.each([
  { ref: SSM, operation: 'GetParameter' },
  { ref: MANAGER, operation: 'GetSecretValue' },
])('$ref.scheme: asked once an hour, and at once after a refusal', async ({ ref, operation }) => {
  let value = 'first';
  const { clock, source } = await secretsOf(answers(() => value));
  expect(await Promise.all([source.resolve(ref), source.resolve(ref)])).toEqual(['first', 'first']);
  value = 'rotated';
  clock.time += HOUR_MS - 1;
  expect(await source.resolve(ref)).toBe('first');
  expect(await source.resolve(ref, { renew: true })).toBe('rotated');
  value = 'third';
  clock.time += HOUR_MS;
  expect(await source.resolve(ref)).toBe('third');
  expect(stub.asked.map((one) => one.operation)).toEqual([operation, operation, operation]);
});

test('what did not come is asked for again', async () => {
  let isDown = true;
  const { source } = await secretsOf((operation) =>
    isDown ? { error: 'ParameterNotFound' } : answers(() => 'value')(operation),
  );
  await expect(source.resolve(SSM)).rejects.toThrow('WD_SECRET: The secret ssm:/w/secrets/db does not exist');
  isDown = false;
  expect(await source.resolve(SSM)).toBe('value');
});

test.each([
  { ref: SSM, error: 'AccessDeniedException', run: /ssm:GetParameter on it .*kms:Decrypt/ },
  { ref: MANAGER, error: 'AccessDeniedException', run: /secretsmanager:GetSecretValue .*SecretArns/ },
  { ref: MANAGER, error: 'ResourceNotFoundException', run: /Create it, or correct the reference/ },
])('$ref.scheme, $error: the error says what to do', async ({ ref, error, run }) => {
  const { source } = await secretsOf(() => ({ error }));
  await expect(source.resolve(ref)).rejects.toMatchObject({
    explained: { code: 'WD_SECRET', run: expect.stringMatching(run) },
  });
});

test('an empty secret is an error', async () => {
  const { source } = await secretsOf(answers(() => ' '));
  await expect(source.resolve(SSM)).rejects.toThrow('WD_SECRET: The secret ssm:/w/secrets/db is empty');
});

test('env: and file: never reach AWS', async () => {
  const { source } = await secretsOf(answers(() => 'value'));
  expect(await source.resolve({ scheme: 'env', name: 'A' })).toBe('local env:A');
  expect(stub.asked).toEqual([]);
});
