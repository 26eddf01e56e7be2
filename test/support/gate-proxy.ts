import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `pass` it on; answer in the far side's place; or pass it on, so that it is done, and keep the answer for ever. */
export type Verdict = 'pass' | 'swallow' | { readonly status: number; readonly type: string };

export interface GateProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Judges every request from now on. */
  judge(by: (passing: Passing) => Verdict): void;
  close(): Promise<void>;
}

/** An HTTP proxy to one service on the loopback, which a test may close for some requests. */
export async function startGateProxy(target: string): Promise<GateProxy> {
  const { hostname, port } = new URL(target);
  let judge: (passing: Passing) => Verdict = () => 'pass';
  const server = createServer(async (near, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of near) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '', url = '', headers } = near;
    const verdict = judge({ method, path: url, headers, body: body.toString('utf8') });
    if (typeof verdict === 'object') {
      answer.writeHead(verdict.status, {
        'content-type': 'application/x-amz-json-1.1',
        'x-amzn-errortype': verdict.type,
      });
      return void answer.end(JSON.stringify({ __type: verdict.type, message: 'Rate exceeded' }));
    }
    const onward = request({ hostname, port, method, path: url, headers }, (far) => {
      if (verdict === 'swallow') return void far.resume();
      answer.writeHead(far.statusCode ?? 502, far.headers);
      far.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    judge(by) {
      judge = by;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
