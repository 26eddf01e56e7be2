import type { UnreachableCause } from '../../core/observation.ts';
import { quote } from '../../core/redact.ts';
import { type Silence, unreachable, unreadable } from '../http/network-error.ts';

/** Go's words for why the API server did not reach the pod (apimachinery/pkg/util/proxy/transport.go). First match wins. */
const REASONS: readonly (readonly [RegExp, UnreachableCause, string])[] = [
  [/connection refused/, 'refused', "the pod refused the API server's connection"],
  [/i\/o timeout|deadline exceeded|Client\.Timeout/, 'timeout', 'the pod did not answer the API server'],
  [/no route to host|network is unreachable/, 'no-route', 'the API server has no route to the pod'],
  [/no such host/, 'dns', "the API server could not resolve the pod's node"],
  [/tls:|x509:/, 'tls', 'the API server could not speak TLS with the pod'],
  [/connection reset|broken pipe|EOF/, 'reset', "the pod closed the API server's connection"],
];

/**
 * The API server's own word (`kind: Status`) where an answer of the pod was asked for; null when the JSON is none.
 * Its 503 speaks of the way to the pod and must never be read as the scheduler's 503.
 */
export function readApiStatus(json: unknown): Silence | null {
  if (typeof json !== 'object' || json === null) return null;
  const { kind, apiVersion, message, reason, code } = json as Readonly<Record<string, unknown>>;
  if (kind !== 'Status' || apiVersion !== 'v1') return null;
  const said = typeof message === 'string' ? quote(message, 200) : 'no message';
  if (code === 401 || reason === 'Unauthorized') {
    return unreadable('unauthorized', `the API server does not know this identity: ${said}`);
  }
  if (code === 403 || reason === 'Forbidden') {
    return unreadable('forbidden', `the API server forbids "get pods/proxy": ${said}`);
  }
  if (code === 404 || reason === 'NotFound') return unreadable('not-found', `the API server: ${said}`);
  if (code === 429 || reason === 'TooManyRequests') {
    return unreachable('throttled', `the API server asks for patience: ${said}`);
  }
  for (const [pattern, cause, sentence] of REASONS) {
    if (pattern.test(said)) return unreachable(cause, `${sentence}: ${said}`);
  }
  return unreachable('server-error', `the API server could not pass the question on: ${said}`);
}
