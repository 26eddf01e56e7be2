import type { Notification } from '../../core/notification.ts';
import { quote } from '../../core/redact.ts';
import { type DurationMs, SECOND_MS } from '../../core/time.ts';
import type { Delivery } from '../../ports.ts';
import type { Silence } from '../http/network-error.ts';
import type { HttpAnswer, HttpRequest } from '../http/request.ts';
import { oneLine } from './text.ts';

/** A delivery, and whether a newer value of the channel's secret might mend it. */
export type ChannelDelivery = Delivery & { readonly credentials?: true };

/** A notifier over one fixed value of its secret. */
export interface ChannelSender {
  send(notification: Notification): Promise<ChannelDelivery>;
}

/** boundedRequest of adapters/http/request.ts with its dispatcher already given. */
export type Request = (wanted: Omit<HttpRequest, 'dispatcher'>) => Promise<HttpAnswer | Silence>;

export interface PostOptions {
  readonly request: Request;
  /** The service's name, for sentences. */
  readonly service: string;
  readonly url: string;
  /** What must not appear in a detail. */
  readonly secrets: readonly string[];
}

export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly said: string; readonly body: string }
  | { readonly kind: 'unsettled'; readonly delivery: Delivery };

/** When neither the service nor the outbox knows better. PagerDuty asks for about as much after a 429. */
export const RETRY_MS: DurationMs = 30 * SECOND_MS;
/** One tick's channels share a minute; both services answer within a second or two when they are well. */
const DEADLINE_MS: DurationMs = 10 * SECOND_MS;
/** Both answer with a line or a small JSON object. */
const MAX_BYTES = 64 * 1024;

/** Posts JSON once. What every service means alike (no answer, 408, 429, 5xx, redirects) is settled here. */
export async function postJson(body: string, options: PostOptions): Promise<Posted> {
  const { request, service, url, secrets } = options;
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const wanted = {
    url,
    method: 'POST',
    headers,
    body,
    deadlineMs: DEADLINE_MS,
    maxBytes: MAX_BYTES,
  } as const;
  const answer = await request(wanted);
  const later = (detail: string, afterMs = RETRY_MS): Posted => ({
    kind: 'unsettled',
    delivery: { kind: 'later', afterMs, detail },
  });

  if (answer.kind !== 'answer')
    return later(`${service} gave no answer: ${quote(answer.detail, 200, secrets)}`);
  const { status } = answer;
  const wait = retryAfterMs(answer.headers['retry-after']);
  if (status === 429) return later(`${service} asks to slow down (429)`, wait ?? RETRY_MS);
  if (status === 408 || status >= 500)
    return later(`${service} has trouble of its own (${status})`, wait ?? RETRY_MS);
  if (status >= 300 && status < 400) return { kind: 'unsettled', delivery: redirected(service, status) };
  const said = oneLine(quote(answer.body, 120, secrets));
  return { kind: 'answered', status, said, body: answer.body };
}

function redirected(service: string, status: number): Delivery {
  const detail = `The address of ${service} answers with a redirect (${status}), which is not followed; correct the address`;
  return { kind: 'refused', detail };
}

/** Both services give whole seconds; a date or anything else counts as absent. */
function retryAfterMs(header: string | undefined): DurationMs | null {
  return header !== undefined && /^\d{1,5}$/.test(header.trim()) ? Number(header) * SECOND_MS : null;
}
