import type { UnreachableCause, UnreadableCause } from '../../core/observation.ts';
import { quote } from '../../core/redact.ts';

/** Why a request told nothing, in the words of a look. `detail` is a sentence for people and holds no secret. */
export type Silence =
  | { readonly kind: 'unreachable'; readonly cause: UnreachableCause; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly cause: UnreadableCause; readonly detail: string };

export const unreachable = (cause: UnreachableCause, detail: string): Silence => ({
  kind: 'unreachable',
  cause,
  detail,
});

export const unreadable = (cause: UnreadableCause, detail: string): Silence => ({
  kind: 'unreadable',
  cause,
  detail,
});

/** `5 s`, `0.3 s`: a deadline as people say it. */
export const secondsText = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

type Sentence = (place: string, code: string) => string;

const noRoute: readonly [UnreachableCause, Sentence] = [
  'no-route',
  (at, code) => `there is no route to ${at} (${code})`,
];
const noName: readonly [UnreachableCause, Sentence] = [
  'dns',
  (at, code) => `the name in ${at} does not resolve (${code})`,
];
const reset: readonly [UnreachableCause, Sentence] = [
  'reset',
  (at, code) => `${at} closed the connection without an answer (${code})`,
];
const notTls: readonly [UnreachableCause, Sentence] = ['tls', (at) => `${at} does not speak TLS`];
const untrusted: readonly [UnreachableCause, Sentence] = [
  'tls',
  (at, code) => `the certificate of ${at} is signed by nobody this process trusts (${code})`,
];

/** Marks a failure that is the proxy's and not the far side's. */
export const PROXY_FAILED = 'WD_PROXY';

/** Node's and OpenSSL's codes: nodejs.org/api/errors.html#common-system-errors, nodejs.org/api/tls.html#x509-certificate-error-codes */
const BY_CODE: Readonly<Record<string, readonly [UnreachableCause, Sentence]>> = {
  ECONNREFUSED: ['refused', (at) => `connection refused by ${at}`],
  ECONNRESET: reset,
  EPIPE: reset,
  UND_ERR_SOCKET: reset,
  UND_ERR_CLOSED: reset,
  ENOTFOUND: noName,
  EAI_AGAIN: noName,
  EAI_FAIL: noName,
  EAI_NODATA: noName,
  EHOSTUNREACH: noRoute,
  ENETUNREACH: noRoute,
  EHOSTDOWN: noRoute,
  ENETDOWN: noRoute,
  EADDRNOTAVAIL: noRoute,
  EACCES: noRoute,
  EPERM: noRoute,
  EPROTO: notTls,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
  CERT_HAS_EXPIRED: ['tls', (at) => `the certificate of ${at} has expired`],
  CERT_NOT_YET_VALID: ['tls', (at) => `the certificate of ${at} is not valid yet`],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', (at) => `the certificate of ${at} is for another host`],
  HOSTNAME_MISMATCH: ['tls', (at) => `the certificate of ${at} is for another host`],
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
};

const TIMEOUTS = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Fields of a thrown value. Never `instanceof`: inside Jest errors of Node's core come from another realm. */
export interface Thrown {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

export function thrown(error: unknown): Thrown {
  const { name, code, message, errors, cause } = (
    typeof error === 'object' && error !== null ? error : { message: error }
  ) as Record<string, unknown>;
  const text = String(message ?? '');
  // An abort by AbortSignal.timeout is a DOMException whose `code` is the number 23, so only texts count as codes.
  if (typeof code === 'string') return { name: String(name), code, message: text };
  // Two addresses of one name were tried: both failed, the first says why. A `cause` is what fetch-like wrappers hide.
  const inner = Array.isArray(errors) ? errors[0] : cause;
  if (inner !== undefined && inner !== null && name !== 'TimeoutError') return thrown(inner);
  return { name: String(name), code: '', message: text };
}

/** Names the failure of a connection or a request; null when it is none of the network. */
export function networkSilence(error: unknown, place: string, deadlineMs: number): Silence | null {
  const { name, code, message } = thrown(error);
  if (code === PROXY_FAILED) return unreachable('no-route', message);
  if (name === 'TimeoutError' || TIMEOUTS.has(code)) {
    return unreachable('timeout', `${place}: nothing answered within ${secondsText(deadlineMs)}`);
  }
  const known = BY_CODE[code];
  if (known !== undefined) return unreachable(known[0], known[1](place, code));
  if (/^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_)/.test(code)) {
    return unreachable('tls', `no TLS connection to ${place} (${code})`);
  }
  // That is about us, not about them: it must never look like an outage of the target.
  if (code === 'EMFILE' || code === 'ENFILE') {
    return unreadable('unexpected', `this process has no file descriptor left to ask ${place} (${code})`);
  }
  return null;
}

/** The last resort of every adapter: a look never rejects. */
export function unexpected(error: unknown, place: string): Silence {
  const { name, code, message } = thrown(error);
  return unreadable('unexpected', `asking ${place} failed: ${quote(`${code || name} ${message}`, 200)}`);
}
