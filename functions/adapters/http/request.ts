import {
  networkSilence,
  type Silence,
  secondsText,
  thrown,
  unexpected,
  unreachable,
  unreadable,
} from './network-error.ts';
import { type Dispatcher, request } from './undici.ts';

export interface HttpRequest {
  readonly url: string;
  /** Default GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Where connections come from and which CA is trusted; shared by the caller, never made per request. */
  readonly dispatcher: Dispatcher;
  /** Covers name, connection, headers and body together. */
  readonly deadlineMs: number;
  /** Reading stops here; default 64 KiB, a hundred times the longest health answer of Airflow. */
  readonly maxBytes?: number;
  /** Closes the connection afterwards. A dispatcher that gets only such requests never uses a connection twice. */
  readonly fresh?: boolean;
}

export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body went on beyond `maxBytes`. */
  readonly truncated: boolean;
}

const MAX_BYTES = 64 * 1024;

/** One request, at most one answer, never a rejection; redirects are answers. */
export async function boundedRequest(wanted: HttpRequest): Promise<HttpAnswer | Silence> {
  if (!URL.canParse(wanted.url)) return unreadable('unexpected', 'the address to ask is not a URL');
  const url = new URL(wanted.url);
  const place = placeOf(url);
  const signal = AbortSignal.timeout(Math.ceil(wanted.deadlineMs));
  let answer: Dispatcher.ResponseData;
  try {
    answer = await request(new URL(url.pathname + url.search, url.origin), {
      method: wanted.method ?? 'GET',
      headers: { ...basicAuthorization(url), ...wanted.headers },
      body: wanted.body ?? null,
      dispatcher: wanted.dispatcher,
      signal,
      reset: wanted.fresh ?? false,
    });
  } catch (error) {
    return silenceBeforeHeaders(error, url, wanted.deadlineMs);
  }
  const headers = flat(answer.headers);
  try {
    const { body, truncated } = await read(answer.body, wanted.maxBytes ?? MAX_BYTES);
    return { kind: 'answer', status: answer.statusCode, headers, body, truncated };
  } catch (error) {
    if (thrown(error).name === 'TimeoutError' || signal.aborted) {
      return unreachable(
        'timeout',
        `${place} began to answer but did not end within ${secondsText(wanted.deadlineMs)}`,
      );
    }
    return unreadable(
      'cut-off',
      `${place} broke its answer off half-way (${thrown(error).code || 'no code'})`,
    );
  }
}

/** Host and port of a URL, without user, password, path and query. */
function placeOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}

function silenceBeforeHeaders(error: unknown, url: URL, deadlineMs: number): Silence {
  const place = placeOf(url);
  const { name, code } = thrown(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return unreadable('too-large', `${place} answered with more headers than fit`);
  }
  if (name === 'HTTPParserError') {
    // A TLS server answers plain HTTP with a TLS alert: record type 21.
    return String((error as { readonly data?: unknown }).data ?? '').startsWith('\x15')
      ? unreachable('tls', `${place} speaks TLS and was asked in plain HTTP; write https://`)
      : unreadable('unexpected', `${place} does not speak HTTP`);
  }
  const silence = networkSilence(error, place, deadlineMs) ?? unexpected(error, place);
  // Node's TLS servers hang up on plain HTTP without a word.
  return silence.cause === 'reset' && url.protocol === 'http:'
    ? { ...silence, detail: `${silence.detail}; if it speaks TLS, write https://` }
    : silence;
}

async function read(stream: Dispatcher.ResponseData['body'], maxBytes: number) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the stream and with it the connection, which may emit an error nobody waits for.
  stream.on('error', () => {});
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) break;
  }
  const body = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
  return { body, truncated: bytes > maxBytes };
}

function flat(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value ?? '')]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** undici drops `user:password@`; curl and every proxy in front of Airflow would send it. */
function basicAuthorization(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
