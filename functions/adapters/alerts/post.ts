import { quote } from '../../core/redact.ts';
import { type DurationMs, SECOND_MS } from '../../core/time.ts';
import type { Delivery } from '../../ports.ts';
import type { Silence } from '../http/network-error.ts';
import type { HttpAnswer, HttpRequest } from '../http/request.ts';
import { oneLine } from './text.ts';

/** boundedRequest of adapters/http/request.ts with its dispatcher already given. */
export type Request = (wanted: Omit<HttpRequest, 'dispatcher'>) => Promise<HttpAnswer | Silence>;

export interface PostOptions {
  readonly request: Request;
  /** The service's name, for sentences. */
  readonly service: string;
  readonly url: string;
  /** What must not appear in a detail. */
  readonly secrets: readonly string[];
  /** Beside the type of the content, or in its place. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where an answer may be long; default MAX_BYTES. */
  readonly maxBytes?: number;
}

export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly said: string; readonly body: string }
  /** `isUnknown`: what was sent may have been taken all the same. */
  | { readonly kind: 'unsettled'; readonly delivery: Delivery; readonly isUnknown: boolean };

/** When neither the service nor the outbox knows better. */
export const RETRY_MS: DurationMs = 30 * SECOND_MS;
/** One tick's channels share a minute; all services answer within a second or two when they are well. */
const DEADLINE_MS: DurationMs = 10 * SECOND_MS;
/** They answer with a line or a small document. */
const MAX_BYTES = 64 * 1024;

/** Posts once, JSON where nothing else is said. What every service means alike (no answer, 408, 429, 5xx, redirects) is settled here. */
export async function postJson(body: string, options: PostOptions): Promise<Posted> {
  const { request, service, url, secrets } = options;
  const headers = { 'content-type': 'application/json; charset=utf-8', ...options.headers };
  const wanted = {
    url,
    method: 'POST',
    headers,
    body,
    deadlineMs: DEADLINE_MS,
    maxBytes: options.maxBytes ?? MAX_BYTES,
  } as const;
  const answer = await request(wanted);
  const later = (detail: string, afterMs = RETRY_MS, isUnknown = false): Posted => ({
    kind: 'unsettled',
    delivery: { kind: 'later', afterMs, detail },
    isUnknown,
  });

  if (answer.kind !== 'answer')
    return later(`${service} gave no answer: ${quote(answer.detail, 200, secrets)}`, RETRY_MS, true);
  const { status } = answer;
  const wait = retryAfterMs(answer.headers['retry-after']);
  if (status === 429) return later(`${service} asks to slow down (429)`, wait ?? RETRY_MS);
  if (status === 408 || status >= 500)
    return later(`${service} has trouble of its own (${status})`, wait ?? RETRY_MS, true);
  if (status >= 300 && status < 400)
    return { kind: 'unsettled', delivery: redirected(service, status), isUnknown: false };
  const said = oneLine(quote(answer.body, 120, secrets));
  return { kind: 'answered', status, said, body: answer.body };
}

/** A whole web page: no receiver of messages answers so, but logins and error pages of proxies do, whatever their status. */
export function isPage(body: string): boolean {
  return /^\s*<(!doctype\s+html|html)[\s>]/i.test(body);
}

function redirected(service: string, status: number): Delivery {
  const detail = `The address of ${service} answers with a redirect (${status}), which is not followed; correct the address`;
  return { kind: 'refused', detail };
}

/** Services give whole seconds; a date or anything else counts as absent. */
function retryAfterMs(header: string | undefined): DurationMs | null {
  return header !== undefined && /^\d{1,5}$/.test(header.trim()) ? Number(header) * SECOND_MS : null;
}
