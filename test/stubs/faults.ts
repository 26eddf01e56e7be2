import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** What the next request meets instead of the service at its best. `times` defaults to 1; Infinity lasts. */
export type Fault = { readonly times?: number } & (
  | { readonly kind: 'slow'; readonly ms: number }
  /** The connection closes after the body was read; `taken` (default true) says whether the message counts. */
  | { readonly kind: 'cut'; readonly taken?: boolean }
  | { readonly kind: 'rate-limit'; readonly retryAfter: number | null }
  | { readonly kind: 'server-error' }
  /** The message counts, but the connection closes within the answer's body. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'archived' }
  | { readonly kind: 'redirect'; readonly to?: string }
  | ({ readonly kind: 'answer' } & Answer)
);

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What one service says. */
export interface Service {
  take(received: Received): Answer;
  rateLimited(): Answer;
  revoked(): Answer;
  archived(): Answer;
}

const HTML_ERROR = '<!DOCTYPE html><html><body><h1>500 Internal Server Error</h1></body></html>';

/** What goes over the wire: all of an answer, its beginning only, or nothing. */
interface Reaction {
  readonly answer: Answer;
  readonly sent: 'all' | 'beginning' | 'nothing';
  readonly afterMs: number;
}

export function reaction(service: Service, received: Received, fault: Fault | null): Reaction {
  const all = (answer: Answer, afterMs = 0): Reaction => ({ answer, sent: 'all', afterMs });
  switch (fault?.kind) {
    case undefined:
      return all(service.take(received));
    case 'slow':
      return all(service.take(received), fault.ms);
    case 'cut':
      if (fault.taken !== false) service.take(received);
      return { answer: { status: 0, body: '' }, sent: 'nothing', afterMs: 0 };
    case 'truncated':
      return { answer: service.take(received), sent: 'beginning', afterMs: 0 };
    case 'rate-limit':
      return all(withRetryAfter(service.rateLimited(), fault.retryAfter));
    case 'server-error':
      return all({ status: 500, body: HTML_ERROR, headers: { 'content-type': 'text/html' } });
    case 'revoked':
      return all(service.revoked());
    case 'archived':
      return all(service.archived());
    case 'redirect':
      return all({ status: 302, body: '', headers: { location: fault.to ?? '/elsewhere' } });
    case 'answer':
      return all(fault);
  }
}

export function write(response: ServerResponse, { answer, sent, afterMs }: Reaction): void {
  const { status, body, headers } = answer;
  if (sent === 'nothing') {
    response.destroy();
  } else if (sent === 'beginning') {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) + 100 });
    response.write(body.slice(0, 1), () => response.destroy());
  } else {
    const timer = setTimeout(() => response.writeHead(status, headers).end(body), afterMs);
    response.on('close', () => clearTimeout(timer));
  }
}

function withRetryAfter(answer: Answer, seconds: number | null): Answer {
  if (seconds === null) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': `${seconds}` } };
}
