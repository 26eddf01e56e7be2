import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface ForgetfulProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Open connections die in silence, as behind a NAT that forgot them: nothing is answered and nothing is closed. */
  forget(): void;
  /** Connections that were forgotten and on which something was sent all the same. */
  readonly talkedToNobody: () => number;
  close(): Promise<void>;
}

/** Passes bytes on to a port of the loopback. */
export async function startForgetfulProxy(target: string): Promise<ForgetfulProxy> {
  const { port } = new URL(target);
  const open = new Map<Socket, Socket>();
  const forgotten = new Set<Socket>();
  const talked = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    open.set(near, far);
    const isKnown = () => !forgotten.has(near);
    near.on('data', (bytes) => (isKnown() ? far.write(bytes) : talked.add(near)));
    far.on('data', (bytes) => isKnown() && near.write(bytes));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(near);
        if (isKnown()) other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forget() {
      for (const [near, far] of open) {
        forgotten.add(near);
        far.destroy();
      }
    },
    talkedToNobody: () => talked.size,
    async close() {
      for (const [near, far] of open) {
        near.destroy();
        far.destroy();
      }
      for (const near of forgotten) near.destroy();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
