/** What PagerDuty's Events API v2 refuses, in its own words (developer.pagerduty.com, Events API v2). */
export interface PagerDutyRequest {
  readonly routing_key: string;
  readonly event_action: 'trigger' | 'acknowledge' | 'resolve';
  readonly dedup_key?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

export const BODY_BYTES = 512 * 1024;
const SEVERITIES = ['critical', 'warning', 'error', 'info'];

type Json = Readonly<Record<string, unknown>>;

/** The `errors` of the 400; empty when the event is taken. */
export function eventFaults(event: Json, knownKeys: readonly string[]): readonly string[] {
  const { event_action: action, dedup_key: dedupKey, links, images } = event;
  const faults = keyFaults(event.routing_key, knownKeys);
  if (!['trigger', 'acknowledge', 'resolve'].includes(`${action}`))
    faults.push(
      "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')",
    );
  if (dedupKey !== undefined && (typeof dedupKey !== 'string' || dedupKey.length > 255))
    faults.push("'dedup_key' is too long (maximum is 255 characters)");
  if (action !== 'trigger' && isBlank(dedupKey)) faults.push("'dedup_key' is missing or blank");
  if (action === 'trigger') faults.push(...payloadFaults(event.payload, true));
  if (links !== undefined && !everyHas(links, 'href')) faults.push("'links' is invalid");
  if (images !== undefined && !everyHas(images, 'src')) faults.push("'images' is invalid");
  return faults;
}

export function changeFaults(event: Json, knownKeys: readonly string[]): readonly string[] {
  const faults = keyFaults(event.routing_key, knownKeys);
  if (faults.length === 0 && `${event.routing_key}`.startsWith('R')) faults.push('Invalid routing key');
  return [...faults, ...payloadFaults(event.payload, false)];
}

function keyFaults(key: unknown, knownKeys: readonly string[]): string[] {
  if (isBlank(key) || typeof key !== 'string') return ["'routing_key' is missing or blank"];
  if (key.length !== 32) return ["Length of 'routing_key' is incorrect (should be 32 characters)"];
  if (/[^A-Za-z0-9]/.test(key)) return ["'routing_key' cannot contain non-alphanumeric characters."];
  return knownKeys.includes(key) ? [] : ['Invalid routing key'];
}

function payloadFaults(payload: unknown, isAlert: boolean): string[] {
  if (!isObject(payload)) return ["'payload' is missing or blank"];
  const { summary, source, severity, timestamp, custom_details: details } = payload;
  const faults: string[] = [];
  if (isBlank(summary)) faults.push("'payload.summary' is missing or blank");
  // Spelt so by the service.
  if (`${summary}`.length > 1_024) faults.push("'summary' is too long (maiximum is 1024 characters)");
  if (timestamp !== undefined && Number.isNaN(Date.parse(`${timestamp}`)))
    faults.push("'payload.timestamp' is invalid");
  if (details !== undefined && !isObject(details) && typeof details !== 'string')
    faults.push("'payload.custom_details' is invalid");
  if (!isAlert) return faults;
  if (isBlank(source)) faults.push("'payload.source' is missing or blank");
  if (isBlank(severity)) faults.push("'payload.severity' is missing or blank");
  else if (!SEVERITIES.includes(`${severity}`))
    faults.push(
      "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
    );
  return faults;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBlank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === '';
}

function everyHas(list: unknown, key: string): boolean {
  return Array.isArray(list) && list.every((item) => isObject(item) && !isBlank(item[key]));
}
