import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A forward proxy over loopback that knows CONNECT and nothing else. */
export interface ConnectProxy {
  readonly url: string;
  /** Whom it was asked for, and by which `user:password`; oldest first. */
  readonly asked: { readonly for: string; readonly as: string | null }[];
  /** What it answers; 200 makes the connection. */
  status: number;
  /** Where a name leads to. */
  leadsTo: (host: string) => string;
  close(): Promise<void>;
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const server = createServer().listen(0, '127.0.0.1');
  const sockets = new Set<Socket>();
  const proxy: ConnectProxy = {
    url: '',
    asked: [],
    status: 200,
    leadsTo: (host) => host,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  server.on('connect', ({ url = '', headers }, near: Socket) => {
    sockets.add(near);
    near.on('error', () => {});
    const [, encoded = ''] = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? [];
    proxy.asked.push({ for: url, as: encoded === '' ? null : Buffer.from(encoded, 'base64').toString() });
    if (proxy.status !== 200) return void near.end(`HTTP/1.1 ${proxy.status} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${proxy.leadsTo(url)}`);
    const far = connect(Number(port || 80), hostname, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    sockets.add(far);
    far.on('error', () => near.destroy());
    far.pipe(near).pipe(far);
  });
  await once(server, 'listening');
  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
