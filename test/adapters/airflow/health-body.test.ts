import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readHealth } from '../../../functions/adapters/airflow/health-body.ts';
import type { HttpAnswer } from '../../../functions/adapters/http/request.ts';

const NOW = Date.parse('2026-11-23T20:00:10Z');
const BASE = { server: 'BaseHTTP/0.6 Python/3.11.7' };
const PYTHON_503 = '<!DOCTYPE HTML><p>Error code: 503</p><p>Message: Service Unavailable.</p>';

const answer = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
  truncated = false,
): HttpAnswer => ({
  kind: 'answer',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  truncated,
});
const status = (code: number, reason: string, message: string) =>
  answer(
    code,
    { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code },
    { 'content-type': 'application/json' },
  );
const trying = (message: string) =>
  status(503, 'ServiceUnavailable', `error trying to reach service: ${message}`);
const beat = (at: string) => ({ status: 'healthy', latest_scheduler_heartbeat: at });
const ageOf = (scheduler: object, headers = {}) => {
  const reading = readHealth(answer(200, { metadatabase: { status: 'healthy' }, scheduler }, headers), NOW);
  return reading.kind === 'answered' ? reading.components.scheduler?.heartbeatAgeSeconds : reading.cause;
};

describe("the scheduler's own server", () => {
  const own = { kind: 'answered', from: 'scheduler', database: null, components: {} };
  test('an empty 200 is healthy', () =>
    expect(readHealth(answer(200, '', BASE), NOW)).toEqual({ ...own, status: 200, says: 'healthy' }));
  test('its 503 page is unhealthy', () =>
    expect(readHealth(answer(503, PYTHON_503, BASE), NOW)).toEqual({
      ...own,
      status: 503,
      says: 'unhealthy',
    }));
});

describe('silence is named', () => {
  test.each([
    {
      name: 'an empty 200 of another server',
      given: answer(200, '', { server: 'nginx' }),
      cause: 'empty',
      says: '"nginx"',
    },
    {
      name: 'an empty 200 of a nameless server',
      given: answer(200, ' \n'),
      cause: 'empty',
      says: 'without a name',
    },
    {
      name: 'a 503 page of a load balancer',
      given: answer(503, '<html>503</html>', { server: 'awselb/2.0' }),
      cause: 'server-error',
      says: 'not from Airflow',
    },
    {
      name: 'a wrong path on 8974',
      given: answer(404, '<html/>', BASE),
      cause: 'not-found',
      says: 'exactly the path /health',
    },
    { name: 'HEAD on 8974', given: answer(501, '', BASE), cause: 'unexpected', says: 'HTTP 501' },
    {
      name: "Airflow 3's old path",
      given: answer(404, { error: 'Moved in Airflow 3. Please change …' }),
      cause: 'not-found',
      says: 'change the path to /api/v2/monitor/health',
    },
    {
      name: "Airflow 3's old API",
      given: answer(404, { error: '/api/v1 has been removed in Airflow 3, see …' }),
      cause: 'not-found',
      says: '/api/v2/monitor/health',
    },
    {
      name: 'another 404',
      given: answer(404, { detail: 'Not Found' }),
      cause: 'not-found',
      says: 'nothing at this path',
    },
    {
      name: 'a login page',
      given: answer(200, '<html><form><input type="password"></form></html>', {
        'content-type': 'text/html',
      }),
      cause: 'login-page',
      says: 'login page',
    },
    {
      name: 'a single-page app at a wrong path',
      given: answer(200, '<!doctype html><div id="root">', { 'content-type': 'text/html' }),
      cause: 'not-json',
      says: 'a web page answered',
    },
    {
      name: 'a redirect to a login',
      given: answer(302, '', { location: 'https://sso.example.com/oauth2/authorize?state=abc' }),
      cause: 'login-page',
      says: 'redirected to a login (HTTP 302 to https://sso.example.com/oauth2/authorize)',
    },
    {
      name: 'another redirect',
      given: answer(301, '', { location: 'https://airflow.example.com/health' }),
      cause: 'redirect',
      says: 'https://airflow.example.com/health',
    },
    { name: 'a redirect to nowhere', given: answer(307, ''), cause: 'redirect', says: 'to nowhere' },
    { name: 'a demand for a login', given: answer(401, ''), cause: 'unauthorized', says: 'HTTP 401' },
    { name: 'a refusal', given: answer(403, '<html>forbidden</html>'), cause: 'forbidden', says: 'HTTP 403' },
    {
      name: 'a limit of requests',
      given: answer(429, '', { 'retry-after': '30' }),
      cause: 'throttled',
      says: 'asked to wait 30 s',
    },
    {
      name: 'plain HTTP to nginx over TLS',
      given: answer(400, 'The plain HTTP request was sent to HTTPS port'),
      cause: 'tls',
      says: 'https://',
    },
    {
      name: 'plain HTTP to a Go server over TLS',
      given: answer(400, 'Client sent an HTTP request to an HTTPS server.'),
      cause: 'tls',
      says: 'https://',
    },
    { name: 'a 204', given: answer(204, ''), cause: 'unexpected', says: 'HTTP 204' },
    {
      name: 'a body beyond the limit',
      given: answer(200, 'x'.repeat(100), BASE, true),
      cause: 'too-large',
      says: 'longer than any health answer',
    },
    {
      name: 'an answer out of a cache',
      given: answer(200, { scheduler: beat('2026-11-23T20:00:00Z') }, { age: '120' }),
      cause: 'unexpected',
      says: '120 s old',
    },
    { name: 'text', given: answer(200, 'OK'), cause: 'not-json', says: '"OK"' },
    {
      name: 'broken JSON',
      given: answer(200, '{"scheduler": {"status": "hea'),
      cause: 'not-json',
      says: 'neither JSON',
    },
    {
      name: 'JSON about something else',
      given: answer(200, { status: 'healthy' }),
      cause: 'wrong-type',
      says: 'without "scheduler"',
    },
    { name: 'a list', given: answer(200, [1]), cause: 'wrong-type', says: 'without "scheduler"' },
    { name: 'null', given: answer(200, 'null'), cause: 'wrong-type', says: 'without "scheduler"' },
    {
      name: 'a scheduler that is a word',
      given: answer(200, { scheduler: 'healthy' }),
      cause: 'wrong-type',
      says: 'scheduler is "healthy"',
    },
    {
      name: 'a status that is a number',
      given: answer(200, { scheduler: { status: 1 } }),
      cause: 'wrong-type',
      says: 'scheduler.status is 1',
    },
    {
      name: 'an unknown status',
      given: answer(200, { scheduler: { status: 'fine' } }),
      cause: 'wrong-type',
      says: 'neither "healthy" nor "unhealthy"',
    },
    {
      name: 'a scheduler without status',
      given: answer(200, { scheduler: { status: null } }),
      cause: 'wrong-type',
      says: 'scheduler.status',
    },
    {
      name: 'a heartbeat that is a number',
      given: answer(200, { scheduler: { status: 'healthy', latest_scheduler_heartbeat: 5 } }),
      cause: 'wrong-type',
      says: 'latest_scheduler_heartbeat is 5',
    },
    {
      name: 'a heartbeat that is no moment',
      given: answer(200, { scheduler: beat('yesterday') }),
      cause: 'wrong-type',
      says: 'is "yesterday"',
    },
    {
      name: 'a database that is a list',
      given: answer(200, { metadatabase: [], scheduler: beat('2026-11-23T20:00:00Z') }),
      cause: 'wrong-type',
      says: 'metadatabase.status is missing',
    },
    {
      name: 'instances that are a word',
      given: answer(200, { scheduler: { status: 'healthy', instances: 'none' } }),
      cause: 'wrong-type',
      says: 'scheduler.instances is "none"',
    },
    {
      name: 'an instance without a name',
      given: answer(200, { scheduler: { status: 'healthy', instances: [{}] } }),
      cause: 'wrong-type',
      says: 'holds an object',
    },
    {
      name: "the API server's: refused",
      given: trying('dial tcp 10.244.0.51:8974: connect: connection refused'),
      cause: 'refused',
      says: "refused the API server's connection",
    },
    {
      name: "the API server's: timeout",
      given: trying('dial tcp 10.244.0.44:8974: i/o timeout'),
      cause: 'timeout',
      says: 'i/o timeout',
    },
    {
      name: "the API server's: no route",
      given: trying('dial tcp 10.244.0.44:8974: connect: no route to host'),
      cause: 'no-route',
      says: 'no route',
    },
    {
      name: "the API server's: reset",
      given: trying('read tcp 10.0.0.1:1->10.0.0.2:8974: read: connection reset by peer'),
      cause: 'reset',
      says: 'closed',
    },
    {
      name: "the API server's: no TLS",
      given: trying('tls: first record does not look like a TLS handshake'),
      cause: 'tls',
      says: 'TLS',
    },
    {
      name: "the API server's: no such pod",
      given: status(404, 'NotFound', 'pods "a" not found'),
      cause: 'not-found',
      says: 'pods "a" not found',
    },
    {
      name: "the API server's: no right",
      given: status(403, 'Forbidden', 'pods "a:8974" is forbidden: cannot get resource "pods/proxy"'),
      cause: 'forbidden',
      says: 'pods/proxy',
    },
    {
      name: "the API server's: no identity",
      given: status(401, 'Unauthorized', 'Unauthorized'),
      cause: 'unauthorized',
      says: 'identity',
    },
    {
      name: "the API server's: patience",
      given: status(429, 'TooManyRequests', 'too many requests'),
      cause: 'throttled',
      says: 'patience',
    },
    {
      name: "the API server's: a pod without address",
      given: status(400, 'BadRequest', 'address not allowed'),
      cause: 'server-error',
      says: 'address not allowed',
    },
  ])('$name: $cause', ({ given, cause, says }) => {
    expect(readHealth(given, NOW)).toMatchObject({ cause, detail: expect.stringContaining(says) });
  });

  test('a secret in an answer is not quoted', () => {
    const given = answer(
      200,
      'error: cannot connect to postgresql://airflow:hunter2hunter2@db/airflow, token=abcdef123456',
    );
    expect(JSON.stringify(readHealth(given, NOW))).not.toMatch(/hunter2|abcdef123456/);
  });
});

describe('ages', () => {
  test.each([
    {
      name: "against the answer's Date, not our clock",
      given: beat('2026-11-22T10:00:00.500000+00:00'),
      date: 'Sun, 22 Nov 2026 10:00:07 GMT',
      want: 6.5,
    },
    {
      name: 'against our clock without a Date',
      given: beat('2026-11-23T20:00:00+00:00'),
      date: '',
      want: 10,
    },
    {
      name: 'with a space, as old versions write',
      given: beat('2026-11-23 20:00:00.25+00:00'),
      date: '',
      want: 9.75,
    },
    { name: 'with another offset', given: beat('2026-11-23T22:00:00+02:00'), date: '', want: 10 },
    { name: 'without an offset: UTC', given: beat('2026-11-23T20:00:00'), date: '', want: 10 },
    {
      name: 'a Date cut to seconds makes no beat from the future',
      given: beat('2026-11-23T20:00:07.900+00:00'),
      date: 'Mon, 23 Nov 2026 20:00:07 GMT',
      want: 0,
    },
    {
      name: 'a clock that is really ahead shows',
      given: beat('2026-11-23T21:00:10+00:00'),
      date: '',
      want: -3600,
    },
    {
      name: 'no heartbeat yet',
      given: { status: 'unhealthy', latest_scheduler_heartbeat: null },
      date: '',
      want: null,
    },
  ])('$name', ({ given, date, want }) => expect(ageOf(given, date === '' ? {} : { date })).toBe(want));
});

test('with a sick database, missing instances mean that nobody knows', () => {
  const down = { status: 'unhealthy', latest_scheduler_heartbeat: null, instances: null };
  const reading = readHealth(answer(200, { metadatabase: { status: 'unhealthy' }, scheduler: down }), NOW);
  expect(reading).toMatchObject({
    says: 'unhealthy',
    database: 'unhealthy',
    components: { scheduler: { instances: null } },
  });
});

describe('any answer at all', () => {
  const headers = fc.record(
    {
      server: fc.constantFrom('BaseHTTP/0.6', 'gunicorn', 'nginx'),
      'content-type': fc.constantFrom('text/html', 'application/json'),
      date: fc.constantFrom('Mon, 23 Nov 2026 20:00:07 GMT', 'garbage'),
      location: fc.string(),
      age: fc.constantFrom('0', '5', 'x'),
    },
    { requiredKeys: [] },
  );
  const word = fc.constantFrom('healthy', 'unhealthy', null, 1, 'x');
  const component = fc.record(
    {
      status: word,
      latest_scheduler_heartbeat: fc.option(fc.string()),
      instances: fc.option(fc.array(fc.anything())),
    },
    { requiredKeys: [] },
  );
  const json = fc.record(
    { scheduler: fc.oneof(component, fc.jsonValue()), metadatabase: fc.option(fc.record({ status: word })) },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    fc.constant(''),
    fc.string({ unit: 'binary' }),
    fc.json(),
    json.map((value) => JSON.stringify(value)),
    fc.constantFrom('['.repeat(60_000), `{"scheduler":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
  );
  const any = fc.record({
    kind: fc.constant('answer' as const),
    status: fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 })),
    headers: headers.map((given) => ({ ...given }) as Record<string, string>),
    body,
    truncated: fc.boolean(),
  });

  test('gives a reading, and "healthy" only for the two shapes that say so', () => {
    fc.assert(
      fc.property(any, (given) => {
        const reading = readHealth(given, NOW);
        if (reading.kind !== 'answered') return reading.detail.length > 0 && reading.detail.length < 700;
        if (reading.says !== 'healthy') return true;
        if (given.status !== 200 || given.truncated) return false;
        if (reading.from === 'scheduler')
          return given.body.trim() === '' && given.headers.server === 'BaseHTTP/0.6';
        return JSON.parse(given.body).scheduler.status === 'healthy';
      }),
      { seed: 8974, numRuns: 2_000 },
    );
  });
});
