import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { EpochMs } from '../../core/time.ts';

/** What the SDK's clients resolve: called for each signature, renewed by the SDK. */
export type Credentials = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}>;

export interface Presigning {
  readonly service: 'sts' | 'rds-db';
  readonly region: string;
  readonly credentials: Credentials;
  /** `HOST` or `HOST:PORT`, as it is signed. */
  readonly host: string;
  readonly query: Readonly<Record<string, string>>;
  /** Signed headers beside `host`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly expiresInSeconds: number;
  readonly now: EpochMs;
}

/** A presigned GET, without its scheme: `HOST/?QUERY`. */
export async function presigned(wanted: Presigning): Promise<string> {
  const { service, region, credentials, host, headers = {} } = wanted;
  const [hostname = host, port] = host.split(':');
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      ...(port !== undefined && { port: Number(port) }),
      path: '/',
      headers: { host, ...headers },
      query: { ...wanted.query },
    },
    {
      expiresIn: wanted.expiresInSeconds,
      signingDate: new Date(wanted.now),
      unhoistableHeaders: new Set(Object.keys(headers)),
      unsignableHeaders: new Set(['x-amz-content-sha256']),
    },
  );
  const query = Object.entries(signed.query ?? {})
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`)
    .join('&');
  return `${host}/?${query}`;
}
