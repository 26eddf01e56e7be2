import { randomUUID } from 'node:crypto';
import type { Answer, Fault, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';
import { BODY_BYTES, changeFaults, eventFaults, isObject, type PagerDutyRequest } from './pagerduty-rules.ts';

export type AlertState = 'open' | 'acked' | 'resolved';
export type TakenEvent = PagerDutyRequest & { readonly dedup_key: string };

export interface PagerDutyStub {
  readonly endpoint: string;
  readonly routingKey: string;
  /** Everything answered with 202, in order. */
  readonly events: readonly TakenEvent[];
  /** Dedup keys, one for each time that somebody was paged: the triggers that opened an alert. */
  readonly pages: readonly string[];
  /** Taken with 202 and then ignored: acknowledge or resolve of what is not open. */
  readonly dropped: readonly unknown[];
  /** By dedup key; under another routing key by `KEY/DEDUP_KEY`. */
  readonly open: ReadonlyMap<string, AlertState>;
  readonly changes: readonly unknown[];
  /** Every request, the refused ones too. */
  readonly requests: readonly Received[];
  fail(next: Fault | readonly Fault[]): void;
  /** A person presses Acknowledge or Resolve in PagerDuty. */
  press(dedupKey: string, state: 'acked' | 'resolved'): void;
  /** Resolves when so many events were taken. */
  waitFor(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface PagerDutyStubOptions {
  readonly moreKeys?: readonly string[];
  /** Status for a body above 512 KB; both were reported. */
  readonly tooLarge?: 400 | 413;
  /** About 120 calls a minute and key are allowed. */
  readonly callsPerMinute?: number;
}

const ROUTING_KEY = '0123456789abcdef0123456789abcdef';
const MINUTE_MS = 60_000;

/** PagerDuty's Events API v2 on the loopback interface, with the alerts' states. */
export async function startPagerDutyStub(options: PagerDutyStubOptions = {}): Promise<PagerDutyStub> {
  const { moreKeys = [], tooLarge = 413, callsPerMinute = 120 } = options;
  const keys = [ROUTING_KEY, ...moreKeys];
  const events: TakenEvent[] = [];
  const pages: string[] = [];
  const dropped: unknown[] = [];
  const changes: unknown[] = [];
  const open = new Map<string, AlertState>();
  const calls: number[] = [];
  const rateLimited = () => json(429, { status: 'throttle exceeded', message: 'Request Limit Exceeded' });
  const stub = await startHttpStub({
    take,
    rateLimited,
    revoked: () => invalid(['Invalid routing key']),
    archived: () => invalid(['Invalid routing key']),
  });
  return {
    endpoint: stub.origin,
    routingKey: ROUTING_KEY,
    events,
    pages,
    dropped,
    open,
    changes,
    requests: stub.requests,
    fail: stub.fail,
    press(dedupKey, state) {
      if (!open.has(dedupKey)) throw new Error(`no alert "${dedupKey}"`);
      open.set(dedupKey, state);
    },
    waitFor: (count) => stub.waitUntil(() => events.length >= count, `${count} PagerDuty events`),
    close: stub.close,
  };

  function take({ method, path, body }: Received): Answer {
    const isChange = path === '/v2/change/enqueue';
    if (method !== 'POST' || (!isChange && path !== '/v2/enqueue'))
      return json(404, { status: 'not found', message: 'Not Found' });
    if (Buffer.byteLength(body) > BODY_BYTES)
      return json(tooLarge, { status: 'invalid event', message: 'Event object is too large' });
    const event = parsed(body);
    if (event === null) return unrecognized();
    const now = Date.now();
    calls.push(now);
    if (calls.filter((at) => at > now - MINUTE_MS).length > callsPerMinute) return rateLimited();
    const faults = isChange ? changeFaults(event, keys) : eventFaults(event, keys);
    if (faults.length > 0) return invalid(faults);
    if (!isChange) return accept(event as unknown as PagerDutyRequest);
    changes.push(event);
    return json(202, { status: 'success', message: 'Change event processed' });
  }

  function accept(event: PagerDutyRequest): Answer {
    const taken = { ...event, dedup_key: event.dedup_key || randomUUID().replaceAll('-', '') };
    const key =
      event.routing_key === ROUTING_KEY ? taken.dedup_key : `${event.routing_key}/${taken.dedup_key}`;
    const before = open.get(key);
    const isOpen = before === 'open' || before === 'acked';
    events.push(taken);
    if (event.event_action === 'trigger') {
      if (!isOpen) pages.push(taken.dedup_key);
      open.set(key, isOpen ? before : 'open');
    } else if (isOpen) open.set(key, event.event_action === 'resolve' ? 'resolved' : 'acked');
    else dropped.push(taken);
    return json(202, { status: 'success', message: 'Event processed', dedup_key: taken.dedup_key });
  }
}

function parsed(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const event: unknown = JSON.parse(body);
    return isObject(event) ? event : null;
  } catch {
    return null;
  }
}

function invalid(errors: readonly string[]): Answer {
  return json(400, { status: 'invalid event', message: 'Event object is invalid', errors });
}

function unrecognized(): Answer {
  const message = 'Event object format is unrecognized';
  return json(400, { status: 'Unrecognized object', message, errors: ['JSON parse error'] });
}

function json(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
