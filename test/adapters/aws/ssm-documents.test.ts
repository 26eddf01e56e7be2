import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, test } from '@jest/globals';
import { createAwsConnections } from '../../../functions/adapters/aws/connections.ts';
import { createSsmDocuments } from '../../../functions/adapters/aws/ssm-documents.ts';
import { type AwsAnswer, type AwsJsonStub, startAwsJsonStub } from '../../stubs/aws-json.ts';

const PREFIX = '/scheduler-watchdog';
let stub: AwsJsonStub;
let client: SSMClient;

afterEach(async () => {
  client.destroy();
  await stub.close();
});

async function documentsOf(
  answer: (operation: string, input: Readonly<Record<string, unknown>>) => AwsAnswer,
) {
  stub = await startAwsJsonStub(answer);
  const { settings } = createAwsConnections();
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  client = new SSMClient({ ...settings, region: 'eu-west-1', endpoint: stub.url, credentials });
  return createSsmDocuments({ prefix: PREFIX, client });
}

const parameter = (id: string, Type = 'String') => ({
  Name: `${PREFIX}/targets/${id}`,
  Value: `{"${id}":1}`,
  Type,
});
const forTargets = (input: Readonly<Record<string, unknown>>) => input.Path === `${PREFIX}/targets/`;

test('pages are read by token to the end, an empty page in the middle included', async () => {
  const pages: Record<string, object> = {
    first: { Parameters: [parameter('b')], NextToken: 'empty' },
    empty: { Parameters: [], NextToken: 'last' },
    last: { Parameters: [parameter('a', 'SecureString')] },
  };
  const documents = await documentsOf((_, input) => ({
    body: forTargets(input) ? (pages[String(input.NextToken ?? 'first')] ?? {}) : { Parameters: [] },
  }));
  expect(await documents.list()).toEqual([
    { name: 'targets/a', text: '{"a":1}', secret: true },
    { name: 'targets/b', text: '{"b":1}', secret: false },
  ]);
  expect(stub.asked.every(({ input }) => input.WithDecryption === true && input.MaxResults === 10)).toBe(
    true,
  );
});

test('a page that leads to itself is an error, not a list without an end', async () => {
  const documents = await documentsOf(() => ({ body: { Parameters: [parameter('a')], NextToken: 'same' } }));
  await expect(documents.list()).rejects.toThrow(/WD_TARGETS_UNREADABLE.*the same page again/);
});

test('throttling is tried again', async () => {
  let refusals = 0;
  const documents = await documentsOf((_, input) => {
    if (forTargets(input) && refusals < 2) {
      refusals += 1;
      return { error: 'ThrottlingException' };
    }
    return { body: { Parameters: forTargets(input) ? [parameter('a')] : [] } };
  });
  expect(await documents.list()).toHaveLength(1);
  expect(refusals).toBe(2);
});

test('one page that is refused for good is no list at all, and the cure is named', async () => {
  const documents = await documentsOf((_, input) =>
    input.NextToken === 'second'
      ? { error: 'AccessDeniedException' }
      : { body: { Parameters: [parameter('a')], NextToken: 'second' } },
  );
  const refused = documents.list();
  await expect(refused).rejects.toThrow(/cannot be read from SSM \(AccessDeniedException: no\)/);
  await expect(refused).rejects.toMatchObject({
    explained: {
      notDone: 'no list was made of a part of them',
      run: expect.stringContaining('ssm:GetParametersByPath on parameter/scheduler-watchdog/*'),
    },
  });
});

test.each([
  { bytes: 4096, Tier: 'Standard' },
  { bytes: 4097, Tier: 'Advanced' },
  { bytes: 8192, Tier: 'Advanced' },
])('a document of $bytes bytes is of the $Tier tier', async ({ bytes, Tier }) => {
  const documents = await documentsOf(() => ({ body: {} }));
  await documents.put({ name: 'targets/a', text: 'x'.repeat(bytes), secret: true });
  expect(stub.asked).toMatchObject([
    {
      operation: 'PutParameter',
      input: { Name: `${PREFIX}/targets/a`, Tier, Type: 'SecureString', Overwrite: true },
    },
  ]);
});

test('a document of more than 8 KB is refused before AWS is asked; bytes count, not letters', async () => {
  const documents = await documentsOf(() => ({ body: {} }));
  const put = documents.put({ name: 'targets/a', text: 'ü'.repeat(4097), secret: false });
  await expect(put).rejects.toThrow(/targets\/a has 8194 bytes; a parameter may have 8192/);
  expect(stub.asked).toEqual([]);
});

test('removing what is gone already is done; what is refused says so', async () => {
  const gone = await documentsOf(() => ({ error: 'ParameterNotFound' }));
  await gone.remove('targets/a');
  client.destroy();
  await stub.close();
  const denied = await documentsOf(() => ({ error: 'AccessDeniedException' }));
  await expect(denied.remove('targets/a')).rejects.toThrow(
    /could not be removed \(AccessDeniedException: no\)/,
  );
});
