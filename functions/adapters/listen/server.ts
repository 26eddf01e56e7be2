import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WatchdogError } from '../../core/errors.ts';

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What is answered to GET and HEAD, by path. */
export type Pages = Readonly<Record<string, () => Page | Promise<Page>>>;

export interface Listening {
  /** `http://127.0.0.1:9469` */
  readonly url: string;
  close(): Promise<void>;
}

const CONNECTIONS_MOST = 64;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** A small server for pages that are made in memory: no file, no parameter, no body is ever read. */
export async function listenOn(
  address: { readonly host: string; readonly port: number },
  pages: Pages,
): Promise<Listening> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = CONNECTIONS_MOST;
  server.on('request', (request, response) => void answer(pages, request, response));
  server.listen(address.port, address.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw refused(address, cause);
  }
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function answer(
  pages: Pages,
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await pageFor(pages, method, url).catch(() =>
    plain(500, 'a defect of ours'),
  );
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  });
  response.end(method === 'HEAD' ? undefined : body);
}

async function pageFor(pages: Pages, method: string | undefined, url: string): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD');
  const [path = '/'] = url.split('?');
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  return page === undefined ? plain(404, 'not here') : page();
}

const plain = (status: number, text: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${text}\n`,
});

function refused(
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown,
): WatchdogError {
  const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : 'unknown reason';
  return new WatchdogError(
    {
      code: 'WD_USAGE',
      what: `nothing can listen on ${host}:${port} (${code})`,
      notDone: 'the watch was not begun',
      run: 'Name another address with `--listen`, or end what has this one.',
    },
    { cause },
  );
}
