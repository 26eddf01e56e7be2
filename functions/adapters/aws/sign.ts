import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../../ports.ts';
import type { SignAws } from '../http/aws-call.ts';
import type { Credentials } from './presign.ts';

export interface SigningOptions {
  readonly credentials: Credentials;
  /** Where a call does not say the region. */
  readonly region: () => Promise<string>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Signs a POST with the credentials that the watchdog runs with; resolves to where it goes and its headers. */
export function createSigner({ credentials, region: ownRegion, clock }: SigningOptions): SignAws {
  return async (call) => {
    const region = call.region ?? (await ownRegion());
    const url = new URL(call.urlIn(region));
    const signer = new SignatureV4({ service: call.service, region, credentials, sha256: Sha256 });
    const { headers } = await signer.sign(
      {
        method: 'POST',
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port !== '' && { port: Number(url.port) }),
        path: url.pathname,
        headers: { ...call.headers, host: url.host },
        body: call.body,
      },
      { signingDate: new Date(clock.now()) },
    );
    return { url: url.href, headers };
  };
}
