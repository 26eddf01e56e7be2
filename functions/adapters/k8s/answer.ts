import { quote } from '../../core/redact.ts';
import { type Silence, unreachable, unreadable } from '../http/network-error.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { Status } from './wire.ts';

/** What an unsuccessful answer of the API server means for a look; null for a complete successful one. */
export function failureOf(answer: HttpAnswer): Silence | null {
  const { status } = answer;
  const detail = `the API server answered ${status}: ${messageOf(answer)}`;
  if (status === 401) return unreadable('unauthorized', detail);
  if (status === 403) return unreadable('forbidden', detail);
  if (status === 404) return unreadable('not-found', detail);
  if (status === 429) return unreachable('throttled', `${detail}${retryAfter(answer)}`);
  if (status >= 500) return unreachable('server-error', detail);
  if (status >= 300 && status < 400) return unreadable('redirect', detail);
  if (status < 200 || status >= 400) return unreadable('unexpected', detail);
  return answer.truncated
    ? unreadable('too-large', 'the answer of the API server is too large to read')
    : null;
}

/** The JSON object in a text, or why there is none. */
export function parsed<Body extends object>(
  text: string,
): { readonly kind: 'answered'; readonly body: Body } | Silence {
  if (text.trim() === '') return unreadable('empty', 'the API server sent an empty body');
  const body = objectOf<Body>(text);
  if (body === null) return unreadable('not-json', `the API server sent no JSON object: ${quote(text, 100)}`);
  return { kind: 'answered', body };
}

/** The message of a `Status`, else what was sent in its place. */
export function messageOf(answer: HttpAnswer): string {
  return quote(statusOf(answer)?.message ?? answer.body) || 'no message';
}

export function statusOf(answer: HttpAnswer): Status | null {
  const status = objectOf<Status>(answer.body);
  return status?.kind === 'Status' ? status : null;
}

/** `, retry after 1 s`, or nothing. */
export function retryAfter({ headers }: HttpAnswer): string {
  const value = headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(value) ? `, retry after ${value} s` : '';
}

export function objectOf<Body extends object>(text: string): Body | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null;
  } catch {
    return null;
  }
}
