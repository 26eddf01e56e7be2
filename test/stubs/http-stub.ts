import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Fault, type Received, reaction, type Service, write } from './faults.ts';

export interface HttpStub {
  readonly origin: string;
  readonly requests: readonly Received[];
  /** Replaces whatever faults are still to come; an empty list heals the service. */
  fail(next: Fault | readonly Fault[]): void;
  /** Resolves once `isDone()` holds; it is asked after every request. */
  waitUntil(isDone: () => boolean, what: string): Promise<void>;
  close(): Promise<void>;
}

const WAIT_MS = 15_000;

export async function startHttpStub(service: Service): Promise<HttpStub> {
  const requests: Received[] = [];
  const checks = new Set<() => void>();
  let faults: { fault: Fault; left: number }[] = [];
  const server = createServer(async (request, response) => {
    const received = await receive(request).catch(() => null);
    // The client went away in the middle of its own request.
    if (received === null) return;
    requests.push(received);
    write(response, reaction(service, received, nextFault()));
    for (const check of checks) check();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail(next) {
      faults = [next].flat().map((fault) => ({ fault, left: fault.times ?? 1 }));
    },
    waitUntil,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function waitUntil(isDone: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        checks.delete(check);
        reject(new Error(`the stub waited ${WAIT_MS} ms for ${what}`));
      }, WAIT_MS);
      const check = () => {
        if (!isDone()) return;
        clearTimeout(late);
        checks.delete(check);
        resolve();
      };
      checks.add(check);
      check();
    });
  }

  function nextFault(): Fault | null {
    const next = faults[0];
    if (next === undefined) return null;
    next.left -= 1;
    if (next.left <= 0) faults.shift();
    return next.fault;
  }
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
}
