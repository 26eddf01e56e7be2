import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Button, readButton } from '../../../core/chat-button.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../../core/time.ts';

/** One request as it came, before anything of it is believed. */
export interface RawRequest {
  readonly timestamp: string;
  readonly signature: string;
  /** The very bytes: a parsed and printed body has another signature. */
  readonly body: Buffer;
}

/** Somebody pressed a button. */
export interface Press {
  readonly user: string;
  /** As people know each other; may be empty. */
  readonly username: string;
  readonly button: Button;
  /** Takes words for who pressed it; null where Slack gave no address. */
  readonly answerTo: string | null;
}

/** Slack's own advice, in both directions: docs.slack.dev/authentication/verifying-requests-from-slack. */
export const SIGNED_WITHIN_MS = 5 * MINUTE_MS;

/** Why a request is not to be believed; null when Slack has signed exactly this, and not long ago. */
export function whyNotSigned(
  { timestamp, signature, body }: RawRequest,
  secret: string,
  now: EpochMs,
): string | null {
  if (!/^\d{1,12}$/.test(timestamp)) return 'it has no timestamp';
  const expected = Buffer.from(
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`,
  );
  const found = Buffer.from(signature);
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) return 'its signature is wrong';
  const ageMs = now - Number(timestamp) * SECOND_MS;
  return Math.abs(ageMs) > SIGNED_WITHIN_MS ? 'it was signed too long ago, or is dated ahead' : null;
}

/** The pressed button of a body that was signed; null when it is something else, such as another app's button. */
export function readPress(body: Buffer): Press | null {
  const payload = payloadOf(body);
  const action = listOf(payload.actions)[0];
  if (payload.type !== 'block_actions' || action === undefined) return null;
  const button = readButton(action.action_id, action.value);
  const { id, username } = objectOf(payload.user);
  if (button === null || typeof id !== 'string' || !/^[UW][A-Z0-9]{2,30}$/.test(id)) return null;
  return {
    user: id,
    username: typeof username === 'string' && /^[\w.-]{1,80}$/.test(username) ? username : '',
    button,
    answerTo: typeof payload.response_url === 'string' ? payload.response_url : null,
  };
}

type Json = Readonly<Record<string, unknown>>;

function payloadOf(body: Buffer): Json {
  try {
    return objectOf(JSON.parse(new URLSearchParams(body.toString('utf8')).get('payload') ?? ''));
  } catch {
    return {};
  }
}

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);
