import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Certificate } from './certificates.ts';

/** Servers on loopback that misbehave; all of them, with every socket, end with `close`. */
export class Servers {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  http(listener: RequestListener): Promise<string> {
    return this.#listen(createServer(listener), 'http');
  }

  https(certificate: Certificate, listener: RequestListener): Promise<string> {
    return this.#listen(createTlsServer(certificate, listener), 'https');
  }

  tcp(onConnection: (socket: Socket) => void): Promise<string> {
    return this.#listen(createTcpServer(onConnection), 'http');
  }

  /** A port that was just free: nobody listens there. */
  async refusing(): Promise<string> {
    const server = createTcpServer();
    const url = await this.#listen(server, 'http');
    server.close();
    await once(server, 'close');
    return url;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.filter((server) => server.listening).map((server) => once(server.close(), 'close')),
    );
  }

  async #listen(server: Server, scheme: string): Promise<string> {
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}
