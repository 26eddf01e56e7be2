import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { createAgent } from '../../../functions/adapters/http/agent.ts';
import { boundedRequest, type HttpRequest } from '../../../functions/adapters/http/request.ts';
import { makeCertificates } from './certificates.ts';
import { Servers } from './servers.ts';

const certificates = makeCertificates();
const servers = new Servers();
const agent = createAgent(certificates === null ? {} : { ca: certificates.ca });
afterEach(() => servers.close());
afterAll(() => agent.destroy());

const ask = (url: string, more: Partial<HttpRequest> = {}) =>
  boundedRequest({ url, dispatcher: agent, deadlineMs: 5_000, fresh: true, ...more });

test('an answer comes with status, lower-case headers and body', async () => {
  const url = await servers.http((_, response) =>
    response.setHeader('X-Thing', 'yes').writeHead(503).end('sick'),
  );
  expect(await ask(url)).toEqual({
    kind: 'answer',
    status: 503,
    headers: expect.objectContaining({ 'x-thing': 'yes' }),
    body: 'sick',
    truncated: false,
  });
});

test('a POST carries headers and body, and its answer is read', async () => {
  const url = await servers.http(async (request, response) => {
    const chunks = await request.toArray();
    response.end(`${request.method} ${request.headers['content-type']} ${Buffer.concat(chunks)}`);
  });
  const answer = await ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  expect(answer).toMatchObject({ status: 200, body: 'POST application/json {"a":1}' });
});

test('user and password of the URL become a login and appear nowhere else', async () => {
  const url = await servers.http((request, response) => response.end(request.headers.authorization));
  const withLogin = url.replace('//', '//watch:s3cr%40t@');
  expect(await ask(withLogin)).toMatchObject({
    body: `Basic ${Buffer.from('watch:s3cr@t').toString('base64')}`,
  });
  const refused = (await servers.refusing()).replace('//', '//watch:s3cr%40t@');
  expect(JSON.stringify(await ask(`${refused}/health?token=hunter2hunter2`))).not.toMatch(/s3cr|hunter2/);
});

test('a redirect is an answer and is not followed', async () => {
  const seen: unknown[] = [];
  const url = await servers.http((request, response) => {
    seen.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(await ask(url)).toMatchObject({ kind: 'answer', status: 302, headers: { location: '/elsewhere' } });
  expect(seen).toEqual(['/']);
});

test('an endless body is read up to the limit and then hung up on', async () => {
  const url = await servers.http((_, response) => {
    const more = () => {
      while (response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  });
  const answer = await ask(url, { maxBytes: 1_000 });
  expect(answer).toMatchObject({ kind: 'answer', body: 'x'.repeat(1_000), truncated: true });
});

test('a body of exactly the limit is whole', async () => {
  const url = await servers.http((_, response) => response.end('x'.repeat(1_000)));
  expect(await ask(url, { maxBytes: 1_000 })).toMatchObject({ body: 'x'.repeat(1_000), truncated: false });
});

test('two fresh requests never share a connection', async () => {
  const ports: unknown[] = [];
  const url = await servers.http((request, response) => {
    ports.push(request.socket.remotePort);
    response.end();
  });
  const own = new Agent();
  for (let count = 0; count < 3; count += 1) await ask(url, { dispatcher: own });
  await own.destroy();
  expect(new Set(ports).size).toBe(3);
});

const raw = (text: string) => () => servers.tcp((socket) => socket.once('data', () => socket.end(text)));

describe('silence is named', () => {
  test.each([
    {
      name: 'nobody listens',
      open: () => servers.refusing(),
      cause: 'refused',
      says: 'connection refused by 127.0.0.1',
    },
    {
      name: 'it accepts and never answers',
      open: () => servers.tcp(() => {}),
      cause: 'timeout',
      says: 'nothing answered within 0.3 s',
    },
    {
      name: 'it hangs up without a word',
      open: () => servers.tcp((socket) => socket.once('data', () => socket.end())),
      cause: 'reset',
      says: 'closed the connection without an answer',
    },
    {
      name: 'it resets the connection',
      open: () => servers.tcp((socket) => socket.once('data', () => socket.resetAndDestroy())),
      cause: 'reset',
      says: 'closed the connection without an answer',
    },
    {
      name: 'it breaks off inside the headers',
      open: raw('HTTP/1.1 200 OK\r\nContent-Le'),
      cause: 'reset',
      says: 'without an answer',
    },
    {
      name: 'the body is cut half-way',
      open: raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"scheduler"'),
      cause: 'cut-off',
      says: 'broke its answer off half-way',
    },
    {
      name: 'a chunked body is cut half-way',
      open: raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"sch'),
      cause: 'cut-off',
      says: 'half-way',
    },
    {
      name: 'the body never ends',
      open: () => servers.http((_, response) => void response.write('{')),
      cause: 'timeout',
      says: 'began to answer but did not end within 0.3 s',
    },
    {
      name: 'headers without end',
      open: raw(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`),
      cause: 'too-large',
      says: 'more headers than fit',
    },
    {
      name: 'it answers with a TLS alert',
      open: raw('\x15\x03\x03\x00\x02\x02\x46'),
      cause: 'tls',
      says: 'speaks TLS and was asked in plain HTTP',
    },
    {
      name: 'it speaks something else',
      open: raw('SSH-2.0-OpenSSH_9.2\r\n'),
      cause: 'unexpected',
      says: 'does not speak HTTP',
    },
    {
      name: 'no DNS',
      open: async () => 'http://airflow.invalid:8974',
      cause: 'dns',
      says: 'the name in airflow.invalid:8974 does not resolve',
    },
    { name: 'no URL at all', open: async () => 'airflow', cause: 'unexpected', says: 'not a URL' },
  ])('$name: $cause', async ({ open, cause, says }) => {
    const deadlineMs = cause === 'timeout' ? 300 : 5_000;
    expect(await ask(`${await open()}`, { deadlineMs })).toMatchObject({
      cause,
      detail: expect.stringContaining(says),
    });
  });
});

(certificates === null ? describe.skip : describe)('TLS (needs the openssl command)', () => {
  const ok = (_: unknown, response: { end(text: string): void }) => response.end('ok');
  test('a good certificate is trusted', async () => {
    const url = await servers.https((certificates as NonNullable<typeof certificates>).good, ok);
    expect(await ask(url)).toMatchObject({ kind: 'answer', body: 'ok' });
  });

  test.each([
    { name: 'expired', says: 'has expired' },
    { name: 'otherHost', says: 'is for another host' },
    { name: 'selfSigned', says: 'signed by nobody this process trusts' },
  ] as const)('a bad certificate ($name) is named', async ({ name, says }) => {
    const url = await servers.https((certificates as NonNullable<typeof certificates>)[name], ok);
    expect(await ask(url)).toEqual({
      kind: 'unreachable',
      cause: 'tls',
      detail: expect.stringContaining(says),
    });
  });

  test('plain HTTP to a TLS port', async () => {
    const url = await servers.https((certificates as NonNullable<typeof certificates>).good, ok);
    expect(await ask(url.replace('https:', 'http:'))).toMatchObject({
      kind: 'unreachable',
      cause: 'reset',
      detail: expect.stringContaining('if it speaks TLS, write https://'),
    });
  });

  test('TLS to a plain HTTP port', async () => {
    const url = await servers.http((_, response) => response.end('ok'));
    expect(await ask(url.replace('http:', 'https:'))).toMatchObject({
      kind: 'unreachable',
      cause: 'tls',
      detail: expect.stringContaining('does not speak TLS'),
    });
  });
});
