/** `osls deploy` as people type it, against CloudFormation of moto: what it asks for, in which order. */
import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const moto = new URL(process.env.AWS_ENDPOINT_URL ?? 'http://127.0.0.1:9');
/** Bodies of all form-encoded requests. */
const asked: URLSearchParams[] = [];
const proxy = createServer(async (message, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (message.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    asked.push(new URLSearchParams(body.toString('utf8')));
  const { method, url, headers } = message;
  const onward = request({ host: moto.hostname, port: moto.port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.end(body);
});

beforeAll(() => new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done)));
afterAll(() => {
  proxy.close();
});

async function deploy(...args: readonly string[]): Promise<string> {
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/osls/bin/serverless.js'), 'deploy', '--region', 'eu-central-1', ...args],
    {
      cwd: root,
      env: {
        ...env,
        AWS_ENDPOINT_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
        SLS_TELEMETRY_DISABLED: '1',
        SLS_NOTIFICATIONS_MODE: 'off',
        NO_COLOR: '1',
      },
    },
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return stdout + stderr;
}

/** What a change set was asked to be made with. */
function parametersOf(body: URLSearchParams): Readonly<Record<string, string | null>> {
  const found: [string, string | null][] = [];
  for (let at = 1; body.has(`Parameters.member.${at}.ParameterKey`); at += 1) {
    const key = body.get(`Parameters.member.${at}.ParameterKey`) ?? '';
    found.push([key, body.get(`Parameters.member.${at}.ParameterValue`)]);
  }
  return Object.fromEntries(found);
}

test('a first deploy gives the parameters with the stack, not with the bucket that osls makes before it', async () => {
  const given = {
    LogRetentionDays: '7',
    SecretTag: 'read',
    KmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1',
    AssumableRoleArns: 'arn:aws:iam::1:role/a,arn:aws:iam::2:role/b',
  };
  const args = Object.entries(given).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const said = await deploy('--stage', `t${process.pid}`, ...args);
  const sets = asked.filter((body) => body.get('Action') === 'CreateChangeSet');
  const made = sets.map((body) => [body.get('ChangeSetType'), parametersOf(body)]);
  if (made.length !== 2) throw new Error(said);
  expect(made).toEqual([
    ['CREATE', {}],
    ['UPDATE', given],
  ]);
});
