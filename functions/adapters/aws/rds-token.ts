import type { Clock } from '../../ports.ts';
import { type Credentials, presigned } from './presign.ts';

/** RDS accepts a token for so long; connections that are open stay open. */
const TOKEN_SECONDS = 900;

export interface RdsTokenOptions {
  readonly credentials: Credentials;
  /** Where the host's name does not say the region, as behind a name of one's own. */
  readonly region: () => Promise<string>;
  readonly clock: Pick<Clock, 'now'>;
}

/** The password of a database user with IAM authentication: a signed request that RDS checks. Made anew each time, locally. */
export function createRdsToken({ credentials, region, clock }: RdsTokenOptions) {
  return async ({ host, port, user }: { host: string; port: number; user: string }): Promise<string> =>
    presigned({
      service: 'rds-db',
      region: regionOfHost(host) ?? (await region()),
      credentials,
      host: `${host}:${port}`,
      query: { Action: 'connect', DBUser: user },
      expiresInSeconds: TOKEN_SECONDS,
      now: clock.now(),
    });
}

/** `db.abc.eu-west-1.rds.amazonaws.com` → `eu-west-1`, in every partition. */
function regionOfHost(host: string): string | null {
  return /\.([a-z0-9-]+)\.rds\.amazonaws\.(?:com|com\.cn|eu)$/.exec(host)?.[1] ?? null;
}
