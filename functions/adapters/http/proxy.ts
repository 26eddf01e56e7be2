import { request as ask } from 'node:http';
import { request as askOverTls } from 'node:https';
import { BlockList, isIP, type Socket } from 'node:net';
import { PROXY_FAILED } from './network-error.ts';
import { connector } from './undici.ts';

type Environment = Readonly<Record<string, string | undefined>>;
/** The proxy on the way to an address, as it was written; null: none. */
export type ProxyOf = (url: URL) => string | null;
type Connector = ReturnType<typeof connector>;
type ConnectOptions = Parameters<typeof connector>[0] & { readonly timeout: number };

/** The proxy that the environment names for an address, as kubectl and curl read it; null: it is asked directly. */
export function proxyFromEnvironment(url: URL, env: Environment): string | null {
  const named = (name: string) => env[name] || env[name.toLowerCase()] || null;
  const proxy = named(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  return proxy === null || isDirect(url, named('NO_PROXY') ?? '') ? null : proxy;
}

/** This machine itself is never asked through a proxy; the rest is what NO_PROXY lists: hosts with all below them, addresses, ranges. */
function isDirect({ hostname, port, protocol }: URL, list: string): boolean {
  const host = bare(hostname);
  const own = port || (protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const isWhole = isIP(entry) === 6 || entry.includes('/');
      const [name = '', only = own] = isWhole ? [entry] : entry.split(/:(?=\d+$)/);
      if (name === '' || only !== own) return false;
      if (name === '*' || bare(name) === host) return true;
      if (name.includes('/')) return isWithin(host, name);
      return isIP(host) === 0 && host.endsWith(`.${name.replace(/^\*?\./, '')}`);
    });
}

function isWithin(address: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family || !/^\d+$/.test(bits)) return false;
  if (Number(bits) > (family === 6 ? 128 : 32)) return false;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), kind);
  return list.check(address, kind);
}

/** `proxy:3128` means http, to everybody who reads the environment; null: it is no proxy that can be asked. */
export function parseProxy(text: string): URL | null {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : null;
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/**
 * Connections through a proxy that is asked to CONNECT, so that TLS is between us and the far side: the proxy sees a name and a port, and
 * no credentials of ours but its own.
 */
export function throughProxy(proxy: URL, options: ConnectOptions): Connector {
  const secure = connector(options);
  const place = `${proxy.hostname}:${portOf(proxy)}`;
  return (target, callback) => {
    const to = `${target.hostname}:${target.port || (target.protocol === 'https:' ? '443' : '80')}`;
    const asked = (proxy.protocol === 'https:' ? askOverTls : ask)({
      host: bare(proxy.hostname),
      port: portOf(proxy),
      method: 'CONNECT',
      path: to,
      headers: { host: to, ...authorizationOf(proxy) },
      agent: false,
      timeout: options.timeout,
    });
    const fail = (why: string) => callback(Object.assign(new Error(why), { code: PROXY_FAILED }), null);
    asked.once('connect', ({ statusCode }, socket: Socket) => {
      socket.setTimeout(0);
      if (statusCode !== 200) {
        socket.destroy();
        fail(`the proxy ${place} answers ${statusCode} where it is asked for ${to}`);
      } else if (target.protocol === 'https:') secure({ ...target, httpSocket: socket }, callback);
      else callback(null, socket);
    });
    asked.once('timeout', () => asked.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    asked.once('error', (error: NodeJS.ErrnoException) =>
      fail(`the proxy ${place} cannot be asked (${error.code ?? error.name})`),
    );
    asked.end();
  };
}

/** Connections of which each goes its own way: directly, or through the proxy that there is for it. */
export function directOrThroughProxy(options: ConnectOptions, proxyOf: ProxyOf): Connector {
  const direct = connector(options);
  const through = new Map<string, Connector>();
  return (target, callback) => {
    const named = proxyOf(new URL(`${target.protocol}//${target.host}`));
    if (named === null) return direct(target, callback);
    const proxy = parseProxy(named);
    if (proxy === null) {
      const why = 'the proxy of the environment is none of http or https';
      return callback(Object.assign(new Error(why), { code: PROXY_FAILED }), null);
    }
    const known = through.get(named) ?? throughProxy(proxy, { ...options, allowH2: false });
    through.set(named, known);
    known(target, callback);
  };
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

function authorizationOf({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
