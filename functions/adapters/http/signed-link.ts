import { createHmac, timingSafeEqual } from 'node:crypto';
import { type DurationMs, type EpochMs, HOUR_MS, SECOND_MS } from '../../core/time.ts';

/** From the message that has it. A role's own presigned link would be dead with its session, some hours later. */
export const LINK_GOOD_FOR_MS: DurationMs = 30 * 24 * HOUR_MS;
/** Below it a key could be guessed from one link that somebody has seen. */
export const KEY_LEAST_CHARS = 32;

/** What a link says about itself, before any of it is believed. */
export interface LinkClaims {
  /** Name of the page, as `prod-airflow-2026-11-23T03-13-00Z.html`. */
  readonly name: string;
  /** Seconds since 1970. */
  readonly until: string;
  readonly signature: string;
}

/** The query that opens one page until a moment, for whoever has the link. */
export function signedQuery(name: string, until: EpochMs, key: string): string {
  const seconds = `${Math.floor(until / SECOND_MS)}`;
  return new URLSearchParams({ until: seconds, signature: signatureOf(name, seconds, key) }).toString();
}

/** The moment a link is good for, once it is believed; null when we have not signed exactly this. */
export function signedUntil({ name, until, signature }: LinkClaims, key: string): EpochMs | null {
  if (!/^\d{1,12}$/.test(until)) return null;
  const expected = Buffer.from(signatureOf(name, until, key));
  const found = Buffer.from(signature);
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return null;
  return Number(until) * SECOND_MS;
}

/** The key signs for nothing else, and no name holds a line break. */
function signatureOf(name: string, seconds: string, key: string): string {
  return createHmac('sha256', key).update(`report\n${seconds}\n${name}`).digest('base64url');
}
