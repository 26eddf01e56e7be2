import {
  DeleteParameterCommand,
  GetParametersByPathCommand,
  type Parameter,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { WatchdogError } from '../../core/errors.ts';
import type { DocumentStore, StoredDocument } from '../../ports.ts';
import { describeAwsError, isAwsError } from './errors.ts';

/** The most that one page of GetParametersByPath may have. */
const PAGE = 10;
/** SSM's own limits; above the first one a parameter has to be of the Advanced tier, which costs money. */
const STANDARD_MOST_BYTES = 4 * 1024;
const ADVANCED_MOST_BYTES = 8 * 1024;
/** Secrets may lie beside them under the same prefix; those are never read here. */
const KINDS = ['channels', 'targets'] as const;

export interface SsmOptions {
  /** `/scheduler-watchdog`, without a slash at the end. */
  readonly prefix: string;
  readonly client: SSMClient;
}

/** Documents as SSM parameters `PREFIX/targets/ID` and `PREFIX/channels/NAME`. */
export function createSsmDocuments({ prefix, client }: SsmOptions): DocumentStore {
  const below = (kind: string) => `${prefix}/${kind}/`;

  /** Pages by token: an empty page with a token is not the end. */
  async function parametersBelow(path: string): Promise<Parameter[]> {
    const found: Parameter[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new GetParametersByPathCommand({
          Path: path,
          Recursive: true,
          WithDecryption: true,
          MaxResults: PAGE,
          ...(token && { NextToken: token }),
        }),
      );
      found.push(...(page.Parameters ?? []));
      if (page.NextToken !== undefined && page.NextToken === token)
        throw new Error('SSM gives the same page again and again');
      token = page.NextToken;
    } while (token);
    return found;
  }

  return {
    limits: { freeBytes: STANDARD_MOST_BYTES, mostBytes: ADVANCED_MOST_BYTES },
    placeOf: (name) => `ssm:${prefix}/${name}`,
    async list() {
      try {
        const parameters = await Promise.all(KINDS.map((kind) => parametersBelow(below(kind))));
        return parameters
          .flat()
          .map(({ Name = '', Value = '', Type }) => ({
            name: Name.slice(prefix.length + 1),
            text: Value,
            secret: Type === 'SecureString',
          }))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
      } catch (cause) {
        throw unreadable(prefix, cause);
      }
    },
    async put({ name, text, secret }: StoredDocument) {
      const bytes = Buffer.byteLength(text);
      refuseTooLarge(`${prefix}/${name}`, bytes);
      await client
        .send(
          new PutParameterCommand({
            Name: `${prefix}/${name}`,
            Value: text,
            Type: secret ? 'SecureString' : 'String',
            Tier: bytes > STANDARD_MOST_BYTES ? 'Advanced' : 'Standard',
            Overwrite: true,
          }),
        )
        .catch((cause: unknown) => {
          throw notWritten(`${prefix}/${name}`, 'written', cause);
        });
    },
    async remove(name) {
      await client.send(new DeleteParameterCommand({ Name: `${prefix}/${name}` })).catch((cause: unknown) => {
        if (isAwsError(cause, 'ParameterNotFound')) return;
        throw notWritten(`${prefix}/${name}`, 'removed', cause);
      });
    },
  };
}

function refuseTooLarge(name: string, bytes: number): void {
  if (bytes <= ADVANCED_MOST_BYTES) return;
  throw new WatchdogError({
    code: 'WD_TARGET_INVALID',
    what: `${name} has ${bytes} bytes; a parameter may have ${ADVANCED_MOST_BYTES} (${STANDARD_MOST_BYTES} without the charge of the Advanced tier)`,
    notDone: 'it was not written',
    run: 'Leave out policy keys that are at their default, or split the document in two targets.',
  });
}

function unreadable(prefix: string, cause: unknown): WatchdogError {
  return new WatchdogError(
    {
      code: 'WD_TARGETS_UNREADABLE',
      what: `The parameters below ${prefix} cannot be read from SSM (${describeAwsError(cause)})`,
      notDone: 'no list was made of a part of them',
      run: cureOf(cause, `ssm:GetParametersByPath on parameter${prefix}/*, and kms:Decrypt on their key`),
    },
    { cause },
  );
}

function notWritten(name: string, done: string, cause: unknown): WatchdogError {
  return new WatchdogError(
    {
      code: 'WD_TARGETS_UNREADABLE',
      what: `The parameter ${name} could not be ${done} (${describeAwsError(cause)})`,
      notDone: 'it is as it was; those named before it are done',
      run: cureOf(cause, 'ssm:PutParameter and ssm:DeleteParameter on it'),
    },
    { cause },
  );
}

function cureOf(cause: unknown, needs: string): string {
  if (isAwsError(cause, 'AccessDeniedException')) return `Give the caller ${needs}.`;
  if (isAwsError(cause, 'CredentialsProviderError'))
    return 'Log in to AWS first (`aws sts get-caller-identity` shows who you are).';
  return 'Try again; `aws ssm get-parameters-by-path` shows what AWS says.';
}
