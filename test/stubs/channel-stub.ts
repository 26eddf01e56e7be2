import { type SignedRequest, signatureOf } from './aws-signature.ts';
import type { Fault, Received } from './faults.ts';

/** One channel's service on the loopback interface, as the contract suite and the proof of the outbox need it. */
export interface ChannelStub {
  /** What the channel's document says, secrets written out. */
  readonly settings: Readonly<Record<string, string | readonly string[]>>;
  readonly endpoint: string | null;
  /** What must never be seen in a detail. */
  readonly secret: string;
  /** What was taken, one text per message that somebody would see; repeats under the service's own key do not count. */
  readonly accepted: readonly string[];
  /** By its specification every 2xx is a yes, whoever says it: a login page, too. */
  readonly believesAnyone?: boolean;
  /** Every request, the refused ones too. */
  readonly requests: readonly (Received | string)[];
  fail(next: Fault | readonly Fault[]): void;
  close(): Promise<void>;
}

/** The credentials that stubs of AWS know. */
export const AWS_KEYS = { accessKeyId: 'AKIASTUB', secretAccessKey: 'stub-secret-access-key' };

/** Signed for this service of the stubs' region, by their keys. */
export function isSignedFor(service: string, request: SignedRequest): boolean {
  const signature = signatureOf(request);
  return (
    signature?.service === service &&
    signature.region === 'eu-west-1' &&
    signature.isFrom(AWS_KEYS.secretAccessKey)
  );
}

export function json(
  status: number,
  body: unknown,
): { status: number; body: string; headers: Record<string, string> } {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

export function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isText = (value: unknown, most = Number.POSITIVE_INFINITY): value is string =>
  typeof value === 'string' && value !== '' && value.length <= most;
