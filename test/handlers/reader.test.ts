import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { signedQuery } from '../../functions/adapters/http/signed-link.ts';
import { readSettings } from '../../functions/wiring/settings.ts';
import { Servers } from '../adapters/http/servers.ts';
import { readTemplate } from '../infra/read-template.ts';
import { statementsOf } from '../infra/stack.ts';

const NAME = 'prod-airflow-2026-11-23T03-13-00Z.html';
const OLD_KEY = 'old-key-old-key-old-key-old-key-old-key';
const KEY = 'new-key-new-key-new-key-new-key-new-key';
const HOUR_MS = 3_600_000;
let now = Date.UTC(2026, 10, 23, 4);
const servers = new Servers();
/** What AWS was asked, by the names of IAM. */
const asked = new Set<string>();
const pages = new Map<string, string>();
let parameter = OLD_KEY;
let keyAsked = 0;
let isDown = false;
const logged: string[] = [];
let handler: typeof import('../../functions/reader.ts').handler;

beforeAll(async () => {
  const aws = await servers.http(async (request, response) => {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      asked.add(target.replace(/^AmazonSSM\./, 'ssm:'));
      keyAsked += 1;
      const { Name } = JSON.parse(await text(request));
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ Parameter: { Name, Value: parameter } }));
      return;
    }
    asked.add(`s3:${request.method === 'GET' ? 'GetObject' : request.method}`);
    const page = pages.get(request.url ?? '');
    response.writeHead(isDown ? 503 : page === undefined ? 403 : 200).end(isDown ? '' : page);
  });
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: aws,
    WATCHDOG_REPORTS: 's3:reports',
    WATCHDOG_REPORTS_KEY: 'ssm:/watchdog/secrets/report-links',
  });
  jest.spyOn(console, 'log').mockImplementation((line: string) => void logged.push(line));
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  ({ handler } = await import('../../functions/reader.ts'));
});
afterAll(() => servers.close());
beforeEach(() => {
  now += HOUR_MS;
  parameter = OLD_KEY;
  isDown = false;
  pages.clear();
  pages.set(`/reports/${NAME}`, '<!doctype html><p>the report</p>');
  logged.length = 0;
});

interface Given {
  readonly name?: string;
  readonly until?: number;
  readonly key?: string;
  readonly method?: string;
  readonly query?: string;
}
type Event = Parameters<typeof handler>[0];

async function ask({
  name = NAME,
  until = now + HOUR_MS,
  key = parameter,
  method = 'GET',
  query,
}: Given = {}) {
  const event = {
    requestContext: { http: { method } },
    rawPath: `/${name}`,
    rawQueryString: query ?? signedQuery(name, until, key),
  };
  const { statusCode, headers, body = '' } = await handler(event as Event);
  return { statusCode, headers, body };
}

test('a link of ours shows the report, to be read and not to be kept, found or embedded', async () => {
  const { statusCode, headers, body } = await ask();
  expect([statusCode, body]).toEqual([200, '<!doctype html><p>the report</p>']);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'private, no-store',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
});

test('a link that is over says until when it was good, and what to do', async () => {
  const { statusCode, body } = await ask({ until: now - 1_000 });
  expect(statusCode).toBe(410);
  expect(body).toContain(
    `good until ${new Date(now - 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  );
  expect(body).toContain('scheduler-watchdog report');
});

test.each<{ readonly name: string; readonly given: Given; readonly status: number }>([
  { name: 'without a signature', given: { query: '' }, status: 403 },
  { name: 'signed with another key', given: { key: 'x'.repeat(40) }, status: 403 },
  {
    name: 'signed for another page',
    given: { query: signedQuery('other.html', 9e12, OLD_KEY) },
    status: 403,
  },
  { name: 'to a page that is not there', given: { name: 'other-2026-11-23T03-13-00Z.html' }, status: 404 },
  { name: 'to a path that is no page of ours', given: { name: '..%2Fstate.html' }, status: 404 },
  { name: 'to another kind of file', given: { name: 'targets.json' }, status: 404 },
  { name: 'to nothing', given: { name: '' }, status: 404 },
  { name: 'with another method', given: { method: 'POST' }, status: 404 },
])('a request $name is answered $status with words, and nothing of a report', async ({ given, status }) => {
  const { statusCode, headers, body } = await ask(given);
  expect([statusCode, headers?.['cache-control']]).toEqual([status, 'private, no-store']);
  expect(body).toMatch(/<h1>[A-Z][^<]+<\/h1><p>[A-Z][^<]+<\/p>/);
  expect(body).not.toContain('the report</p>');
});

test('an event that is none is answered as nothing', async () => {
  expect(await handler({} as Event)).toMatchObject({ statusCode: 404 });
});

test('a new key opens at once what it signed; strangers make us ask for it once a minute at most', async () => {
  await ask();
  parameter = KEY;
  expect((await ask({ key: KEY })).statusCode).toBe(200);
  const before = keyAsked;
  for (let tried = 0; tried < 20; tried += 1) await ask({ key: 'x'.repeat(40) });
  expect(keyAsked).toBe(before);
  expect((await ask({ key: OLD_KEY })).statusCode).toBe(403);
});

test('S3 in trouble is said, and the log has why', async () => {
  isDown = true;
  expect((await ask()).statusCode).toBe(502);
  expect(logged.join()).toContain('S3 answered 503');
});

test('the page of all targets leads on to its reports, no longer than the link that led to it', async () => {
  const page = `<a href="./${NAME}">one</a><a href="./x%20y.html">odd</a><p>href=&quot;./a.html&quot;</p>`;
  pages.set('/reports/index.html', page);
  const until = now + HOUR_MS;
  const { body } = await ask({ name: 'index.html', until });
  const query = /href="\.\/prod-airflow-2026-11-23T03-13-00Z\.html\?([^"]+)"/.exec(body)?.[1] ?? '';
  expect((await ask({ query: query.replaceAll('&amp;', '&') })).statusCode).toBe(200);
  expect(new URLSearchParams(query).get('until')).toBe(`${Math.floor(until / 1_000)}`);
  expect(body).toContain('<a href="./x%20y.html">odd</a><p>href=&quot;./a.html&quot;</p>');
});

test('neither key nor signature is logged', async () => {
  await ask();
  await ask({ key: 'x'.repeat(40) });
  expect(logged.length).toBe(2);
  expect(logged.join()).not.toMatch(/old-key|signature|until=/);
});

test('its role may do exactly what it was seen to do, and write its log', async () => {
  await ask();
  const granted = statementsOf(readTemplate('infra/reader-stack.yml'), 'Role').flatMap(({ Action }) =>
    [Action].flat(),
  );
  expect(granted.filter((action) => !/^(logs|kms):/.test(action)).sort()).toEqual([...asked].sort());
  const docs = readFileSync('docs/deploy.md', 'utf8');
  for (const action of granted) expect(docs).toContain(`\`${action}\``);
});

test.each([
  ['no bucket', { WATCHDOG_REPORTS: undefined }, 'WATCHDOG_REPORTS'],
  ['a folder', { WATCHDOG_REPORTS: './reports' }, 's3:BUCKET'],
  ['no key', { WATCHDOG_REPORTS_KEY: undefined }, 'WATCHDOG_REPORTS_KEY'],
])('with %s it says what is missing', async (_, change, says) => {
  const { openReportDoor } = await import('../../functions/wiring/reader.ts');
  await expect(openReportDoor(readSettings({}, { ...process.env, ...change }))).rejects.toThrow(says);
});

test('a key that could be guessed is refused', async () => {
  const { openReportDoor } = await import('../../functions/wiring/reader.ts');
  const door = await openReportDoor(readSettings({}, { ...process.env, WATCHDOG_REPORTS_KEY: 'short' }));
  await expect(door.goodUntil({ name: NAME, until: '1', signature: 'x' })).rejects.toThrow(/at least 32/);
});
