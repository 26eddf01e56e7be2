import { type EpochMs, MINUTE_MS } from '../../core/time.ts';
import { type Credentials, presigned } from './presign.ts';

/** A token is good for 15 minutes from its date, whatever it says itself (aws-iam-authenticator's token.go). */
export const TOKEN_RENEWED_AFTER_MS = 14 * MINUTE_MS;
/** Of the signed request; the authenticator accepts up to 900 and takes no notice of it. */
const EXPIRES_IN_SECONDS = 60;

export interface TokenRequest {
  /** The cluster's name: EKS refuses a token that is signed for another one. */
  readonly cluster: string;
  readonly region: string;
  readonly credentials: Credentials;
  readonly now: EpochMs;
}

/** Bearer token of an EKS cluster: a signed question "who am I" to STS, which the cluster asks in our place. */
export async function eksToken({ cluster, region, credentials, now }: TokenRequest): Promise<string> {
  const url = await presigned({
    service: 'sts',
    region,
    credentials,
    host: stsHost(region),
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    headers: { 'x-k8s-aws-id': cluster },
    expiresInSeconds: EXPIRES_IN_SECONDS,
    now,
  });
  return `k8s-aws-v1.${Buffer.from(`https://${url}`).toString('base64url')}`;
}

/** Host names by partition; the beginnings are AWS's own region prefixes. */
const DOMAINS: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^eu-isoe-/, 'cloud.adc-e.uk'],
  [/^us-isof-/, 'csp.hci.ic.gov'],
  [/^eusc-/, 'amazonaws.eu'],
];

/** The regional endpoint: the global one is in one region only, and not in every partition. */
function stsHost(region: string): string {
  const domain = DOMAINS.find(([begins]) => begins.test(region))?.[1] ?? 'amazonaws.com';
  return `sts.${region}.${domain}`;
}
