import type { HttpFacts } from '../../core/observation.ts';
import { quote } from '../../core/redact.ts';
import type { EpochMs } from '../../core/time.ts';
import { serverTime } from '../http/http-date.ts';
import { type Silence, unreachable, unreadable } from '../http/network-error.ts';
import type { HttpAnswer } from '../http/request.ts';
import { readApiStatus } from './api-status.ts';
import { type HealthReading, readWebHealth } from './web-health.ts';

const PATHS =
  'Airflow 2 answers at /health of its web server, Airflow 3 at /api/v2/monitor/health, the scheduler itself at /health of port 8974';

/**
 * What an answer of a health endpoint says. Total: any status, headers and body give a reading.
 * @param now the moment of the answer, used only where it has no `Date` header of its own.
 */
export function readHealth(answer: HttpAnswer, now: EpochMs): HealthReading {
  const own = (answer.headers.server ?? '').startsWith('BaseHTTP/');
  const json = jsonOf(answer);
  const api = own ? null : readApiStatus(json);
  if (api !== null) return api;
  if (own && answer.status === 503) return ownAnswer(503, 'unhealthy');
  if (answer.status !== 200) return otherStatus(answer, own, json);
  if (answer.truncated) {
    return unreadable(
      'too-large',
      'the answer was longer than any health answer of Airflow; reading stopped',
    );
  }
  // A stored "healthy" would hide a death for as long as it is stored.
  const storedSeconds = Number(answer.headers.age ?? 0);
  if (storedSeconds > 0) {
    return unreadable(
      'unexpected',
      `the answer came out of a cache, ${storedSeconds} s old, and says nothing about now`,
    );
  }
  if (answer.body.trim() === '') return own ? ownAnswer(200, 'healthy') : emptyAnswer(answer);
  if (json === undefined) return notJson(answer);
  return readWebHealth(json, serverTime(answer) ?? now, PATHS);
}

/** The scheduler's own server: an empty 200, or Python's 503 page for each of stale row, failed row, no row and database error. */
function ownAnswer(status: number, says: HttpFacts['says']): HealthReading {
  return { kind: 'answered', from: 'scheduler', status, says, database: null, components: {} };
}

/** Undefined when the body is no JSON; a cut body never is. */
function jsonOf({ body, truncated }: HttpAnswer): unknown {
  if (truncated || body.trim() === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function emptyAnswer({ headers }: HttpAnswer): Silence {
  const server =
    headers.server === undefined ? 'a server without a name' : `server "${quote(headers.server, 60)}"`;
  return unreadable(
    'empty',
    `an empty 200 from ${server}; only the scheduler's own server (BaseHTTP) says "healthy" without a word`,
  );
}

function notJson({ body, headers }: HttpAnswer): Silence {
  const html = (headers['content-type'] ?? '').includes('html') || /^\s*</.test(body);
  if (!html) return unreadable('not-json', `the answer is neither JSON nor empty: "${quote(body, 80)}"`);
  if (/type=["']?password|log ?in|sign ?in|single sign-on/i.test(body)) {
    return unreadable(
      'login-page',
      `a login page answered instead of the health endpoint; ${PATHS}, all without login`,
    );
  }
  return unreadable('not-json', `a web page answered instead of the health endpoint; ${PATHS}`);
}

function otherStatus(answer: HttpAnswer, own: boolean, json: unknown): Silence {
  const { status, headers, body } = answer;
  if (status === 404) return notFound(own, json);
  if (status >= 300 && status < 400) return redirected(status, headers.location ?? '');
  if (status === 401 || status === 407) {
    return unreadable(
      'unauthorized',
      `the endpoint wants a login (HTTP ${status}); Airflow's own health endpoints want none`,
    );
  }
  if (status === 403)
    return unreadable('forbidden', 'the endpoint, or a proxy before it, forbids the request (HTTP 403)');
  if (status === 429)
    return unreachable('throttled', `too many requests (HTTP 429)${retryAfter(headers['retry-after'])}`);
  if (status === 400 && /HTTP request .{0,20}to (an )?HTTPS/i.test(body)) {
    return unreachable('tls', 'a TLS server was asked in plain HTTP; write https:// in the URL');
  }
  if (status >= 500 && !own) {
    return unreachable(
      'server-error',
      `HTTP ${status} from ${quote(headers.server ?? 'a server without a name', 60)}, not from Airflow`,
    );
  }
  return unreadable('unexpected', `HTTP ${status}, which no health endpoint of Airflow answers`);
}

function notFound(own: boolean, json: unknown): Silence {
  if (own) {
    return unreadable(
      'not-found',
      "the scheduler's own server knows exactly the path /health: no slash after it, no query",
    );
  }
  const message = (json as { error?: unknown } | null | undefined)?.error;
  if (typeof message === 'string' && message.includes('Airflow 3')) {
    return unreadable(
      'not-found',
      `this is Airflow 3, where health moved: change the path to /api/v2/monitor/health`,
    );
  }
  return unreadable('not-found', `nothing at this path (HTTP 404); ${PATHS}`);
}

function redirected(status: number, location: string): Silence {
  const to = quote(location.replace(/[?#].*$/, ''), 120);
  return /log-?in|sign-?in|oauth|saml|sso|authorize|\/auth\b|accounts\./i.test(to)
    ? unreadable(
        'login-page',
        `redirected to a login (HTTP ${status} to ${to}); Airflow's health endpoints want none, a proxy does`,
      )
    : unreadable(
        'redirect',
        `redirected (HTTP ${status} to ${to || 'nowhere'}); redirects are not followed: configure the final URL`,
      );
}

const retryAfter = (value: string | undefined): string =>
  value === undefined ? '' : `; asked to wait ${quote(value, 40)}${/^\d+$/.test(value) ? ' s' : ''}`;
