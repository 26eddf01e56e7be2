import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where a function must not be led by a URL that somebody wrote for it: its own runtime and credentials are there. */
const RANGES: readonly (readonly [network: string, bits: number, what: string])[] = [
  ['::1', 128, 'loopback'],
  ['::', 128, 'this machine'],
  ['fe80::', 10, 'link-local'],
  ['fd00:ec2::', 32, 'metadata of AWS'],
  ['127.0.0.0', 8, 'loopback'],
  ['0.0.0.0', 8, 'this machine'],
  // Instance metadata, credentials of containers, and Lambda's runtime API.
  ['169.254.0.0', 16, 'link-local'],
];

interface Rule {
  readonly what: string;
  readonly list: BlockList;
}

const RULES: readonly Rule[] = RANGES.map(([network, bits, what]) => {
  const list = new BlockList();
  if (isIP(network) === 6) list.addSubnet(network, bits, 'ipv6');
  else {
    list.addSubnet(network, bits, 'ipv4');
    // The same addresses inside IPv6: NAT64 (RFC 6052), 6to4 (RFC 3056), "IPv4-compatible" (RFC 4291), translated (RFC 2765). Mapped ones
    // the list knows by itself.
    const [a = 0, b = 0] = network.split('.').map(Number);
    const half = ((a << 8) | b).toString(16);
    list.addSubnet(`64:ff9b::${half}:0`, 96 + bits, 'ipv6');
    list.addSubnet(`2002:${half}::`, 16 + bits, 'ipv6');
    list.addSubnet(`::${half}:0`, 96 + bits, 'ipv6');
    list.addSubnet(`::ffff:0:${half}:0`, 96 + bits, 'ipv6');
  }
  return { what, list };
});

/** What an address is that nobody's URL may lead to; null for any other. What is no address at all is never asked. */
export function forbiddenAddress(address: string): string | null {
  const [bare = ''] = address.split('%');
  const family = isIP(bare);
  if (family === 0) return 'no address';
  return RULES.find(({ list }) => list.check(bare, family === 6 ? 'ipv6' : 'ipv4'))?.what ?? null;
}

/** As undici's connectors: the host as it stands in the URL, an IPv6 address in its brackets or without. */
interface Place {
  readonly hostname: string;
}
export type Connect<Options extends Place, Callback extends (error: Error, socket: null) => void> = (
  options: Options,
  callback: Callback,
) => void;

/** Refuses before a byte is sent: names by what they resolve to (see `foreignLookup`), addresses as they stand, for which nothing
 *  is looked up. A redirect that were followed would connect anew, and come here again. */
export function foreignOnly<Options extends Place, Callback extends (error: Error, socket: null) => void>(
  connect: Connect<Options, Callback>,
): Connect<Options, Callback> {
  return (options, callback) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
    const what = isIP(host) === 0 ? null : forbiddenAddress(host);
    if (what === null) connect(options, callback);
    else callback(refusal(host, host, what), null);
  };
}

/** The resolver for such connections. One forbidden address among several is enough: the name is not to be trusted then. */
export function foreignLookup(resolve: typeof lookup = lookup): LookupFunction {
  return (host, options, callback) =>
    resolve(
      host,
      options,
      (error: NodeJS.ErrnoException | null, found: string | LookupAddress[], family?: number) => {
        if (error !== null) return callback(error, found, family);
        const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address);
        for (const address of addresses) {
          const what = forbiddenAddress(address);
          if (what !== null) return callback(refusal(host, address, what), found, family);
        }
        callback(null, found, family);
      },
    );
}

function refusal(host: string, address: string, what: string): NodeJS.ErrnoException {
  const leads = host === address ? '' : ` leads to ${address}, which`;
  return Object.assign(new Error(`${host}${leads} is ${what}: nothing was asked there`), {
    code: 'WD_FORBIDDEN_ADDRESS',
  });
}
