import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { WatchdogError } from '../../core/errors.ts';
import type { SecretRef } from '../../core/target.ts';
import { type EpochMs, HOUR_MS } from '../../core/time.ts';
import type { Clock, SecretSource } from '../../ports.ts';
import type { AwsSettings } from './connections.ts';
import { describeAwsError, isAwsError } from './errors.ts';

/** A rotated secret is noticed at its first refusal; this bounds how long one that is still valid is used on. */
const KEPT_MS = HOUR_MS;

export interface AwsSecretsOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Resolves `env:` and `file:`. */
  readonly local: SecretSource;
  readonly ssm: SSMClient;
  /** For the Secrets Manager client, which is made only where a secret lives there. */
  readonly settings: AwsSettings;
}

/** Secrets of SSM and Secrets Manager, kept in this process across warm invocations and nowhere else. */
export function createAwsSecrets({ clock, local, ssm, settings }: AwsSecretsOptions): SecretSource {
  const kept = new Map<string, { readonly value: Promise<string>; readonly at: EpochMs }>();
  /** By region; a secret named by its ARN lives in the ARN's region, whichever the function runs in. */
  const managers = new Map<string | null, SecretsManagerClient>();

  async function fromSsm(name: string): Promise<string | undefined> {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return Parameter?.Value;
  }

  async function fromSecretsManager(name: string): Promise<string | undefined> {
    // Loaded only where a target or channel keeps a secret there.
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    const region = regionOf(name);
    const client =
      managers.get(region) ?? new SecretsManagerClient({ ...settings, ...(region && { region }) });
    managers.set(region, client);
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return SecretString ?? (SecretBinary && Buffer.from(SecretBinary).toString('utf8'));
  }

  async function fetchSecret(ref: SecretRef): Promise<string> {
    let value: string | undefined;
    try {
      value = await (ref.scheme === 'ssm' ? fromSsm(ref.name) : fromSecretsManager(ref.name));
    } catch (cause) {
      throw unresolved(ref, cause);
    }
    if (value === undefined || value.trim() === '') throw empty(ref);
    return value;
  }

  return {
    resolve(ref, { renew = false } = {}) {
      if (ref.scheme === 'env' || ref.scheme === 'file') return local.resolve(ref);
      const key = `${ref.scheme}:${ref.name}`;
      const known = kept.get(key);
      if (known !== undefined && !renew && clock.now() - known.at < KEPT_MS) return known.value;
      const value = fetchSecret(ref);
      const entry = { value, at: clock.now() };
      kept.set(key, entry);
      // What did not come is asked for again next time.
      value.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return value;
    },
  };
}

/** `arn:aws:secretsmanager:eu-west-1:…` → `eu-west-1`. */
function regionOf(name: string): string | null {
  return /^arn:[^:]+:secretsmanager:([a-z0-9-]+):/.exec(name)?.[1] ?? null;
}

function unresolved(ref: SecretRef, cause: unknown): WatchdogError {
  const isMissing = isAwsError(cause, 'ParameterNotFound', 'ResourceNotFoundException');
  const isForbidden = isAwsError(cause, 'AccessDeniedException');
  const right =
    ref.scheme === 'ssm'
      ? `ssm:GetParameter on it (the stack grants it below its prefix)`
      : `secretsmanager:GetSecretValue on it (the stack's parameter SecretArns)`;
  return new WatchdogError(
    {
      code: 'WD_SECRET',
      what: `The secret ${ref.scheme}:${ref.name} ${isMissing ? 'does not exist' : 'cannot be read'} (${describeAwsError(cause)})`,
      notDone: 'what needs it was not asked',
      run: isForbidden
        ? `Give the function's role ${right}, and kms:Decrypt on its key.`
        : isMissing
          ? 'Create it, or correct the reference; a name is looked for in this account and region.'
          : 'The next tick tries again.',
    },
    { cause },
  );
}

function empty(ref: SecretRef): WatchdogError {
  return new WatchdogError({
    code: 'WD_SECRET',
    what: `The secret ${ref.scheme}:${ref.name} is empty`,
    notDone: 'what needs it was not asked',
    run: 'Give it a value.',
  });
}
