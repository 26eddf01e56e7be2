import { DescribeClusterCommand, EKSClient, type EKSClientConfig } from '@aws-sdk/client-eks';
import { WatchdogError } from '../../core/errors.ts';
import type { ClusterRef } from '../../core/target.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { Clock } from '../../ports.ts';
import { type ClusterSession, connectionPool, type Failure } from '../k8s/session.ts';
import type { AwsSettings } from './connections.ts';
import { eksToken, TOKEN_RENEWED_AFTER_MS } from './eks-token.ts';
import { describeAwsError, isAwsError } from './errors.ts';

export type EksRef = Extract<ClusterRef, { kind: 'eks' }>;

export interface EksSessions {
  /** The session of a cluster, the same one for every caller until its address changes. Throws WD_EKS. */
  open(ref: EksRef): Promise<ClusterSession>;
  /** Later requests use new connections; those on their way may end. */
  dropConnections(): void;
  close(): Promise<void>;
}

export interface EksSessionsOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly settings: AwsSettings;
}

/** Address and CA of a cluster almost never change. When EKS cannot be asked, the last answer goes on being used. */
const DESCRIBED_KEPT_MS = 10 * MINUTE_MS;
/** Many requests that meet one 401 sign only one new token. */
const RENEW_AT_MOST_EVERY_MS = 10 * SECOND_MS;
/** From here on a clock is suspected: a token is good for 15 minutes, and AWS accepts 5 minutes of skew. */
const SKEW_SUSPECT_MS = 4 * MINUTE_MS;

interface Described {
  readonly endpoint: string;
  readonly ca: Buffer;
  readonly isPublic: boolean;
}

/** One cluster as seen with one identity. */
interface Entry {
  readonly client: EKSClient;
  described: Described | null;
  describedAt: EpochMs;
  session: EksSession | null;
  opening: Promise<EksSession> | null;
}

interface EksSession extends ClusterSession {
  dropConnections(): void;
}

/** Sessions with EKS clusters of this and of other accounts. */
export function createEksSessions({ clock, settings }: EksSessionsOptions): EksSessions {
  const entries = new Map<string, Entry>();

  function entryOf(ref: EksRef): Entry {
    const key = JSON.stringify([ref.name, ref.region, ref.roleArn, ref.externalId]);
    const known = entries.get(key);
    if (known !== undefined) return known;
    const identity = ref.roleArn === null ? {} : { credentials: assumedRole(ref, ref.roleArn, settings) };
    const client = new EKSClient({ ...settings, region: ref.region, ...identity });
    const entry = { client, described: null, describedAt: 0, session: null, opening: null };
    entries.set(key, entry);
    return entry;
  }

  async function openEntry(ref: EksRef, entry: Entry): Promise<EksSession> {
    const { session } = entry;
    if (session !== null && clock.now() - entry.describedAt < DESCRIBED_KEPT_MS) return session;
    let described: Described;
    try {
      described = await describe(entry.client, ref);
    } catch (error) {
      if (session === null || !isTransient(error)) throw explained(ref, error);
      return session;
    }
    entry.describedAt = clock.now();
    if (session !== null && entry.described !== null && isSame(described, entry.described)) return session;
    const opened = eksSession(ref, described, entry.client, clock);
    entry.described = described;
    entry.session = opened;
    session?.close().catch(() => undefined);
    return opened;
  }

  return {
    open(ref) {
      const entry = entryOf(ref);
      entry.opening ??= openEntry(ref, entry).finally(() => {
        entry.opening = null;
      });
      return entry.opening;
    },
    dropConnections() {
      for (const { session } of entries.values()) session?.dropConnections();
    },
    async close() {
      await Promise.allSettled([...entries.values()].map(({ session }) => session?.close()));
      for (const { client } of entries.values()) client.destroy();
      entries.clear();
    },
  };
}

async function describe(client: EKSClient, { name }: EksRef): Promise<Described> {
  const { cluster } = await client.send(new DescribeClusterCommand({ name }));
  const { endpoint, certificateAuthority, status, resourcesVpcConfig } = cluster ?? {};
  if (endpoint === undefined || certificateAuthority?.data === undefined)
    throw new Error(`the cluster is ${status ?? 'in an unknown state'} and has no endpoint yet`);
  return {
    endpoint: endpoint.replace(/\/$/, ''),
    ca: Buffer.from(certificateAuthority.data, 'base64'),
    isPublic: resourcesVpcConfig?.endpointPublicAccess ?? true,
  };
}

const isSame = (one: Described, other: Described) =>
  one.endpoint === other.endpoint && one.ca.equals(other.ca) && one.isPublic === other.isPublic;

function eksSession(
  ref: EksRef,
  { endpoint, ca, isPublic }: Described,
  client: EKSClient,
  clock: Pick<Clock, 'now'>,
): EksSession {
  let pool = connectionPool({ ca });
  let token: { readonly value: Promise<string>; readonly at: EpochMs } | null = null;

  function current(renew: boolean): Promise<string> {
    const ageMs = token === null ? Number.POSITIVE_INFINITY : clock.now() - token.at;
    // A clock that was set back makes an age negative.
    const isDue = ageMs >= TOKEN_RENEWED_AFTER_MS || ageMs < 0 || (renew && ageMs >= RENEW_AT_MOST_EVERY_MS);
    if (token !== null && !isDue) return token.value;
    const now = clock.now();
    const signed = eksToken({
      cluster: ref.name,
      region: ref.region,
      credentials: () => client.config.credentials(),
      now,
    });
    const made = { value: signed, at: now };
    token = made;
    signed.catch(() => {
      if (token === made) token = null;
    });
    return signed;
  }

  return {
    server: endpoint,
    get dispatcher() {
      return pool.dispatcher;
    },
    async headers(renew = false) {
      const value = await current(renew).catch((error: unknown) => {
        throw explained(ref, error);
      });
      return { authorization: `Bearer ${value}` };
    },
    hint: (failure) => hintOf(ref, failure, isPublic, clock.now()),
    dropConnections() {
      const old = pool;
      pool = connectionPool({ ca });
      old.retire().catch(() => undefined);
    },
    close: () => pool.destroy(),
  };
}

/** Credentials of the target's role; the SDK keeps them until shortly before they end. */
function assumedRole(
  ref: EksRef,
  roleArn: string,
  settings: AwsSettings,
): NonNullable<EKSClientConfig['credentials']> {
  return async () => {
    // Loaded only where a target lives in another account.
    const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
    const sts = new STSClient({ ...settings, region: ref.region });
    const { Credentials } = await sts
      .send(
        new AssumeRoleCommand({
          RoleArn: roleArn,
          RoleSessionName: 'scheduler-watchdog',
          ...(ref.externalId !== null && { ExternalId: ref.externalId }),
        }),
      )
      .catch((cause: unknown) => {
        throw roleRefused(ref, roleArn, cause);
      });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined)
      throw new Error('STS gave no credentials');
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      ...(Expiration && { expiration: Expiration }),
    };
  };
}

/** What else to say when the API server refuses or cannot be reached; these are the usual reasons on EKS. */
function hintOf(ref: EksRef, failure: Failure, isPublic: boolean, now: EpochMs): string | null {
  const who = ref.roleArn ?? 'the role of this function';
  if (failure.kind === 'unreachable') {
    return isPublic
      ? `${ref.name} has a public endpoint: its allowed address ranges must include the one this function comes from, or the function must run inside its VPC`
      : `${ref.name} has a private endpoint only: the function must run in its VPC (parameters SubnetIds and SecurityGroupIds of the stack), and the cluster's security group must let it in on 443`;
  }
  if (failure.status === 403)
    return `${who} is known to ${ref.name} but has no right to this: apply infra/k8s/rbac.yml, and give the access entry the group scheduler-watchdog`;
  if (failure.status !== 401) return null;
  const skewMs = failure.date === null ? 0 : now - failure.date;
  if (Math.abs(skewMs) >= SKEW_SUSPECT_MS) {
    const minutes = Math.round(Math.abs(skewMs) / MINUTE_MS);
    return `this clock is ${minutes} minutes ${skewMs > 0 ? 'ahead of' : 'behind'} the API server's, so every token looks ${skewMs > 0 ? 'unborn' : 'expired'}: set the clock right`;
  }
  return `${ref.name} accepts no token of ${who}: give it an access entry (aws eks create-access-entry; the ARN of the role, not of a session)`;
}

const TRANSIENT =
  /^(Throttl|TooManyRequests|ServerException|ServiceUnavailable|InternalFailure|TimeoutError|E[A-Z]+$)/;

function isTransient(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  return TRANSIENT.test(error.name) || ('code' in error && TRANSIENT.test(String(error.code)));
}

function explained(ref: EksRef, cause: unknown): WatchdogError {
  if (cause instanceof WatchdogError) return cause;
  return new WatchdogError(
    {
      code: 'WD_EKS',
      what: `the EKS cluster ${ref.name} in ${ref.region} cannot be used (${describeAwsError(cause)})`,
      notDone: 'the target was not looked at',
      run: cureOf(ref, cause),
    },
    { cause },
  );
}

function cureOf({ name, region, roleArn }: EksRef, cause: unknown): string {
  if (isAwsError(cause, 'ResourceNotFoundException'))
    return `Check cluster.eks and cluster.region: \`aws eks list-clusters --region ${region}\` shows the names${roleArn === null ? '' : ` in the account of ${roleArn}`}; a cluster of another account needs cluster.roleArn.`;
  if (isAwsError(cause, 'AccessDeniedException'))
    return `Give ${roleArn ?? "the function's role"} eks:DescribeCluster on ${name}.`;
  if (
    isAwsError(
      cause,
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'RequestExpired',
      'RequestTimeTooSkewed',
    )
  )
    return 'AWS refuses the signature: the clock is wrong, or the keys are.';
  if (isAwsError(cause, 'CredentialsProviderError'))
    return 'Log in to AWS first (`aws sts get-caller-identity` shows who you are).';
  if (isAwsError(cause, 'UnrecognizedClientException', 'ExpiredTokenException', 'ExpiredToken'))
    return 'The credentials are unknown or have expired; `aws sts get-caller-identity` shows who you are.';
  return `The next tick tries again; from a VPC, AWS's EKS endpoint of ${region} needs a NAT gateway or an interface endpoint.`;
}

function roleRefused(ref: EksRef, roleArn: string, cause: unknown): WatchdogError {
  const isDenied = isAwsError(cause, 'AccessDenied', 'AccessDeniedException');
  return new WatchdogError(
    {
      code: 'WD_EKS',
      what: `the role ${roleArn} for the EKS cluster ${ref.name} cannot be assumed (${describeAwsError(cause)})`,
      notDone: 'the target was not looked at',
      run: isDenied
        ? `Its trust policy must allow the function's role${ref.externalId === null ? '' : ', with the external id of the target'}; and the stack's parameter AssumableRoleArns must name it.`
        : 'The next tick tries again.',
    },
    { cause },
  );
}
