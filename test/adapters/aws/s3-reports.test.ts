import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { createS3Reports } from '../../../functions/adapters/aws/s3-reports.ts';
import { signatureOf } from '../../stubs/aws-signature.ts';
import { Servers } from '../http/servers.ts';

const NOW = Date.UTC(2026, 10, 23, 3, 13, 0);
const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const servers = new Servers();
let asked: Asked[] = [];
beforeEach(() => {
  asked = [];
});
afterAll(() => servers.close());

async function storeOn(status: number, body = '') {
  const endpoint = await servers.http(async (request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, headers, body: await text(request) });
    response.writeHead(status).end(body);
  });
  return createS3Reports({
    bucket: 'reports',
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: SECRET, sessionToken: 'session' }),
    region: async () => 'eu-west-1',
    clock: { now: () => NOW },
    endpoint,
  });
}

test('a page is put under its name, signed for S3, as HTML', async () => {
  const { put } = await storeOn(200);
  await put('prod-2026-11-23T03-13-00Z.html', '<p>é</p>');
  const [request] = asked;
  expect(request).toMatchObject({
    method: 'PUT',
    url: '/reports/prod-2026-11-23T03-13-00Z.html',
    body: '<p>é</p>',
    headers: { 'content-type': 'text/html; charset=utf-8', 'x-amz-security-token': 'session' },
  });
  const signature = request === undefined ? null : signatureOf(request);
  expect(signature).toMatchObject({ service: 's3', region: 'eu-west-1', accessKeyId: 'AKID', signedAt: NOW });
  expect(signature?.isFrom(SECRET)).toBe(true);
  expect(signature?.isFrom('another')).toBe(false);
});

test('a page is asked for under its name, signed for S3', async () => {
  const { get } = await storeOn(200, '<p>é</p>');
  expect(await get('prod-2026-11-23T03-13-00Z.html')).toBe('<p>é</p>');
  const [request] = asked;
  expect(request).toMatchObject({ method: 'GET', url: '/reports/prod-2026-11-23T03-13-00Z.html', body: '' });
  expect(request === undefined ? null : signatureOf(request)?.isFrom(SECRET)).toBe(true);
});

test.each([403, 404])('a page that S3 answers %i for is not there', async (status) => {
  expect(await (await storeOn(status)).get('a.html')).toBeNull();
});

test('a page that S3 cannot give now is an error, never half a page', async () => {
  await expect((await storeOn(503)).get('a.html')).rejects.toThrow(/^S3 answered 503$/);
  await expect((await storeOn(200, 'x'.repeat(6_000_000))).get('a.html')).rejects.toThrow(/more than/);
});

test('a refusal is an error with its code, and nothing of the page', async () => {
  const { put } = await storeOn(
    403,
    '<Error><Code>AccessDenied</Code><Message>secret words</Message></Error>',
  );
  await expect(put('a.html', 'x')).rejects.toThrow(/^S3 answered 403 AccessDenied$/);
});

test('a bucket that cannot be reached is an error', async () => {
  const { put } = createS3Reports({
    bucket: 'reports',
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: SECRET }),
    region: async () => 'eu-west-1',
    clock: { now: () => NOW },
    endpoint: await servers.refusing(),
  });
  await expect(put('a.html', 'x')).rejects.toThrow(/could not be reached/);
});
