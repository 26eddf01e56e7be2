import { WatchdogError } from '../../core/errors.ts';
import type { Look, UnreachableCause } from '../../core/observation.ts';
import { quote, redact } from '../../core/redact.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Clock, LookOptions } from '../../ports.ts';
import { serverTime } from '../http/http-date.ts';
import { type Silence, unreachable, unreadable } from '../http/network-error.ts';
import type { boundedRequest, HttpAnswer } from '../http/request.ts';
import { failureOf, parsed } from './answer.ts';
import type { ClusterSession, Failure } from './session.ts';

/** When a look, with all the calls it makes, has to be over. */
export interface Budget {
  readonly endsAt: EpochMs;
  readonly fresh: boolean;
}

export interface Call {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: object;
  readonly maxBytes?: number;
}

/** One cluster's API server: credentials, one renewal of them, one second try. */
export interface KubeApi {
  readonly clock: Clock;
  readonly session: ClusterSession;
  /** Any answer of the API server, whatever its status. */
  ask(call: Call, budget: Budget): Promise<HttpAnswer | Silence>;
  /** The text of a successful answer. */
  text(call: Call, budget: Budget): Promise<{ readonly kind: 'answered'; readonly text: string } | Silence>;
  /** The object of a successful answer. */
  read<Body extends object>(
    call: Call,
    budget: Budget,
  ): Promise<{ readonly kind: 'answered'; readonly body: Body } | Silence>;
}

/** A single object is a few tens of kB. */
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** Failures that a connection kept too long explains. After a timeout there is no time left. */
const WORTH_A_SECOND_TRY: readonly UnreachableCause[] = ['reset', 'refused', 'dns', 'tls', 'no-route'];

export function createApi(world: {
  readonly session: ClusterSession;
  readonly clock: Clock;
  readonly request: typeof boundedRequest;
}): KubeApi {
  const { session, clock, request } = world;

  async function once(call: Call, budget: Budget, renew = false): Promise<HttpAnswer | Silence> {
    const credentials = await headersInTime(session, budget.endsAt - clock.now(), renew);
    if (credentials.kind !== 'answered') return credentials;
    const deadlineMs = Math.floor(budget.endsAt - clock.now());
    if (deadlineMs <= 0) return unreachable('timeout', 'no time was left to ask the API server');
    const told = await request({
      url: `${session.server}${call.path}${call.query ? `?${new URLSearchParams(call.query)}` : ''}`,
      method: call.method ?? 'GET',
      headers: {
        accept: 'application/json, */*',
        ...(call.body && { 'content-type': 'application/json' }),
        ...credentials.headers,
      },
      ...(call.body && { body: JSON.stringify(call.body) }),
      dispatcher: session.dispatcher,
      deadlineMs,
      maxBytes: call.maxBytes ?? DEFAULT_MAX_BYTES,
      fresh: budget.fresh,
    });
    return withoutSecret(told, credentials.headers.authorization);
  }

  async function ask(call: Call, budget: Budget): Promise<HttpAnswer | Silence> {
    let told = await once(call, budget);
    const isRead = (call.method ?? 'GET') === 'GET';
    const isBroken = told.kind === 'unreachable' && WORTH_A_SECOND_TRY.includes(told.cause);
    if (isRead && (isBroken || (told.kind === 'unreadable' && told.cause === 'cut-off'))) {
      told = await once(call, { ...budget, fresh: true });
    }
    return told.kind === 'answer' && told.status === 401 ? once(call, budget, true) : told;
  }

  async function text(call: Call, budget: Budget) {
    const told = await ask(call, budget);
    if (told.kind === 'unreachable') return hinted(session, told, { kind: 'unreachable' });
    if (told.kind !== 'answer') return told;
    const failure = failureOf(told);
    if (failure === null) return { kind: 'answered' as const, text: told.body };
    return hinted(session, failure, {
      kind: 'answered',
      status: told.status,
      date: serverTime(told),
    });
  }

  async function read<Body extends object>(call: Call, budget: Budget) {
    const told = await text(call, budget);
    return told.kind === 'answered' ? parsed<Body>(told.text) : told;
  }

  return { clock, session, ask, text, read };
}

function hinted(session: ClusterSession, silence: Silence, failure: Failure): Silence {
  const hint = session.hint?.(failure) ?? null;
  return hint === null ? silence : { ...silence, detail: `${silence.detail}; ${hint}` };
}

/** Times a look and turns whatever is thrown on its way into an answer of its own: a look never rejects. */
export async function looking<Facts extends object>(
  { clock }: KubeApi,
  options: LookOptions,
  work: (budget: Budget) => Promise<({ readonly kind: 'answered' } & Facts) | Silence>,
): Promise<Look<Facts>> {
  const at = clock.now();
  const told = await work({ endsAt: at + options.deadlineMs, fresh: options.fresh ?? false }).catch((error) =>
    unreadable('unexpected', `reading the API server's answer failed: ${quote(String(error), 200)}`),
  );
  return { ...told, at, tookMs: clock.now() - at };
}

/** An exec plugin may take longer than a look may wait; it goes on, and the next look finds its token. */
async function headersInTime(session: ClusterSession, leftMs: number, renew: boolean) {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(late.resolve, Math.max(0, leftMs), null);
  try {
    const headers = await Promise.race([session.headers(renew), late.promise]);
    return headers === null
      ? unreachable('timeout', 'the credentials for the API server were not ready in time')
      : { kind: 'answered' as const, headers };
  } catch (error) {
    const why = error instanceof WatchdogError ? error.explained.what : quote(String(error), 200);
    return unreadable('unauthorized', `there are no credentials for the API server: ${why}`);
  } finally {
    clearTimeout(timer);
  }
}

/** No answer may carry our own token on, not even one that quotes it back. */
function withoutSecret(told: HttpAnswer | Silence, authorization = ''): HttpAnswer | Silence {
  const secret = authorization.replace(/^\S+\s+/, '');
  if (told.kind !== 'answer') return { ...told, detail: redact(told.detail, [secret]) };
  return secret.length >= 4 && told.body.includes(secret)
    ? { ...told, body: told.body.replaceAll(secret, '<secret>') }
    : told;
}
