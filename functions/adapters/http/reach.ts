import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Step, Way } from '../../core/examination.ts';
import { networkSilence, unexpected } from './network-error.ts';

/** The way to the host of an address. */
export function reachUrl({ hostname, port, protocol }: URL, deadlineMs: number): Promise<Way> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return reach(host, Number(port) || PORTS[protocol] || 443, deadlineMs);
}

const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'smtp:': 587, 'smtps:': 465 };

/** Name and port of a host, each asked by itself: which of the two fails says whom to ask about it. */
export async function reach(host: string, port: number, deadlineMs: number): Promise<Way> {
  const place = `${host}:${port}`;
  const name = await stepped(place, deadlineMs, async () => ({ addresses: await addressesOf(host) }));
  if (!name.ok) return { name, port: null };
  return { name, port: await stepped(place, deadlineMs, () => connected(host, port)) };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

function connected(host: string, port: number): Promise<{ readonly tookMs: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly tookMs: number }>();
  const from = performance.now();
  const socket = connect({ host, port });
  socket.once('connect', () => resolve({ tookMs: performance.now() - from }));
  socket.once('error', reject);
  const end = () => socket.destroy();
  // Whoever gives up waiting lets go of the socket, too.
  return Object.assign(promise.finally(end), { end });
}

/** Runs one step under a deadline of its own and names its failure. */
async function stepped<Facts extends object>(
  place: string,
  deadlineMs: number,
  work: () => Promise<Facts>,
): Promise<Step<Facts>> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const timer = setTimeout(
    () => late.reject(Object.assign(new Error('late'), { name: 'TimeoutError' })),
    deadlineMs,
  );
  const working = work();
  try {
    return { ok: true, ...(await Promise.race([working, late.promise])) };
  } catch (error) {
    if ('end' in working && typeof working.end === 'function') working.end();
    const silence = networkSilence(error, place, deadlineMs) ?? unexpected(error, place);
    return { ok: false, cause: silence.cause, detail: silence.detail };
  } finally {
    clearTimeout(timer);
  }
}
