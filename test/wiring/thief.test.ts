/**
 * Whoever may write documents below the prefix in SSM, tried through the function's own wiring. UPDATE_GOLDEN=1 writes the table of
 * docs/security.md; every other run compares with it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { targetOf } from '../../functions/config/parse.ts';
import type { Channel } from '../../functions/core/channel.ts';
import type { Target } from '../../functions/core/target.ts';
import { type Wired, wire } from '../../functions/wiring/wire.ts';
import { opened } from '../adapters/alerts/samples.ts';
import { type AwsAnswer, type AwsJsonStub, startAwsJsonStub } from '../stubs/aws-json.ts';
import { startSlackStub } from '../stubs/slack.ts';
import { THIEF_DOCUMENTS, type ThiefDocument } from './thief-documents.ts';

const PAGE = join(import.meta.dirname, '../../docs/security.md');
/** What the role may read. */
const SECRETS = new Map([
  ['/w/secrets/airflow-db', 'postgresql://watchdog:s3cret@db.internal:5432/airflow'],
  ['/w/secrets/slack', 'https://hooks.slack.com/services/T000/B000/x'],
  ['/w/secrets/slack-api', 'https://slack.com/api/chat.postMessage'],
  ['/w/secrets/thiefs-hook', 'https://collector.thief.example/services/T/B/x'],
  ['/w/secrets/pagerduty', '0123456789abcdef0123456789abcdef'],
]);
let written: Pick<ThiefDocument, 'name' | 'document'> | null = null;
let aws: AwsJsonStub;
let wired: Wired;
const told = new Map<string, string>();

function answer(operation: string, input: Readonly<Record<string, unknown>>): AwsAnswer {
  if (operation === 'GetParametersByPath') {
    const Name = `/w/${written?.name}`;
    const { document } = written ?? {};
    const Value = typeof document === 'string' ? document : JSON.stringify(document);
    const isThere = written !== null && Name.startsWith(String(input.Path));
    return { body: { Parameters: isThere ? [{ Name, Value, Type: 'String' }] : [] } };
  }
  const Value = SECRETS.get(String(input.Name));
  if (operation !== 'GetParameter' || Value === undefined) return { error: 'AccessDeniedException' };
  return { body: { Parameter: { Name: input.Name, Value } } };
}

beforeAll(async () => {
  aws = await startAwsJsonStub(answer);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'ROLE',
    AWS_SECRET_ACCESS_KEY: 'the secret of the role',
  });
});
afterEach(() => wired.close());
afterAll(() => aws.close());

async function start(channelHosts: readonly string[] = []): Promise<void> {
  wired = await wire({
    settings: {
      targets: { kind: 'ssm', prefix: '/w' },
      state: { kind: 'memory' },
      channelHosts,
      env: process.env,
      home: '/',
    },
    progress: () => {},
    printAlert: null,
    readOnly: false,
    healthUrls: 'foreign',
  });
}

/** How far the document comes: its first refusal, or that it got through. */
async function fateOf(document: Pick<ThiefDocument, 'name' | 'document'>): Promise<string> {
  written = document;
  const { targets, channels, bad } = await wired.ports.targets.load();
  const refused = bad.flatMap(({ problems }) => problems.map(({ path }) => path));
  if (refused.length > 0) return `refused: ${refused.join(', ')}`;
  const [target] = targets;
  return target === undefined ? sent(channels) : asked(target);
}

async function sent(channels: readonly Channel[]): Promise<string> {
  const delivery = await wired.ports.notifiersOf(channels).get('thief')?.send(opened);
  if (delivery?.kind === 'delivered') return 'sent';
  const { detail = '' } = (delivery ?? {}) as { readonly detail?: string };
  const [, unreadable] = /cannot be read \((\w+)/.exec(detail) ?? [];
  if (unreadable !== undefined) return `not sent: it cannot be read (${unreadable})`;
  return `not sent: ${/cannot be used: "?([^:;"]+)/.exec(detail)?.[1] ?? detail}`;
}

async function asked(target: Target): Promise<string> {
  const [endpoint] = target.health;
  const options = { deadlineMs: 2_000 };
  const look =
    endpoint?.kind === 'url'
      ? await wired.ports.urls.look(endpoint.url, options)
      : (await wired.ports.database.look(target, options)).jobs;
  if (look.kind === 'answered') return 'asked';
  const [, what] =
    / is ([\w -]+): nothing was asked there| of no use: (.*)$/.exec(look.detail)?.filter(Boolean) ?? [];
  return `not asked: ${what ?? look.detail}`;
}

test.each(THIEF_DOCUMENTS.map((row) => [row.attempt, row] as const))('%s', async (attempt, row) => {
  await start();
  const fate = await fateOf(row);
  told.set(attempt, fate);
  expect(fate).toBe(row.expected);
});

test('what an operator allows gets through, so that the refusals above are no accident of this test', async () => {
  const slack = await startSlackStub();
  const { host, href } = new URL(slack.webhookUrl);
  SECRETS.set('/w/secrets/proxied', href);
  await start([host]);
  const channel = { type: 'slack', webhook: 'ssm:/w/secrets/proxied' };
  expect(await fateOf({ name: 'channels/thief', document: channel })).toBe('sent');
  expect(slack.messages).toHaveLength(1);
  await slack.close();
});

test('in a file those that name this machine are good: it is their place that refuses them', () => {
  const local = THIEF_DOCUMENTS.filter(({ name, expected, document }) => {
    const isOfThisMachine = /"(env|file):|kubeconfig|"context"/.test(JSON.stringify(document));
    return name.startsWith('targets/') && isOfThisMachine && /^refused: (cluster|database)/.test(expected);
  });
  const parsed = local.map(({ document }) =>
    targetOf(structuredClone(document), { format: 'json', source: 'file', defaultId: 'thief' }),
  );
  expect(parsed.length).toBeGreaterThan(3);
  expect(parsed.flatMap((one) => ('problems' in one ? one.problems : []))).toEqual([]);
});

test('the table of docs/security.md is what was seen', () => {
  const page = readFileSync(PAGE, 'utf8');
  const rows = THIEF_DOCUMENTS.map(
    ({ attempt, name, expected }) =>
      `| ${attempt} | ${name.split('/')[0]} | ${expected} | ${told.get(attempt) ?? 'not tried'} |`,
  );
  const table = ['| attempt | in | expected | seen |', '|---|---|---|---|', ...rows].join('\n');
  const fresh = page.replace(
    /(<!-- documents -->\n)[\s\S]*(<!-- end of documents -->)/,
    (_, begin, end) => `${begin}${table}\n${end}`,
  );
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, fresh);
  expect(readFileSync(PAGE, 'utf8')).toBe(fresh);
  expect(fresh).toContain(table);
});
