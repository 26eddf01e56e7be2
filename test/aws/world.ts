/** The function as AWS would run it: packed, in the real runtime client, between local AWS parts. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createDynamoState } from '../../functions/adapters/aws/dynamodb-state.ts';
import { createSsmDocuments } from '../../functions/adapters/aws/ssm-documents.ts';
import type { DocumentStore, StateStore } from '../../functions/ports.ts';
import { type LambdaRuntime, startLambdaRuntime } from '../stubs/lambda-runtime.ts';
import { type LocalDynamo, startDynamo } from '../support/dynamodb.ts';

const root = join(import.meta.dirname, '../..');
const MINUTE_MS = 60_000;

export interface Account {
  /** Environment of the function, but for channels. */
  readonly env: Readonly<Record<string, string>>;
  readonly prefix: string;
  readonly table: string;
  readonly documents: DocumentStore;
  readonly state: StateStore;
  readonly dynamo: LocalDynamo;
  putSecret(name: string, value: string): Promise<void>;
  changeSecret(name: string, value: string): Promise<void>;
  close(): Promise<void>;
}

/** A table, a prefix and secrets of one's own. */
export async function openAccount(extra: Readonly<Record<string, string>> = {}): Promise<Account> {
  const moto = process.env.AWS_ENDPOINT_URL;
  if (moto === undefined)
    throw new Error('AWS_ENDPOINT_URL is not set: start these tests by `npm run test:aws`');
  const dynamo = await startDynamo(process.env.AWS_ENDPOINT_URL_DYNAMODB);
  const table = await dynamo.createTable();
  const prefix = `/watchdog-${randomUUID()}`;
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  const credentials = { accessKeyId, secretAccessKey };
  const region = 'eu-central-1';
  const secrets = new SecretsManagerClient({ region, credentials, endpoint: moto });
  const state = createDynamoState({ table, clock: { now: Date.now }, client: dynamo.client() });
  return {
    prefix,
    table,
    dynamo,
    state,
    documents: createSsmDocuments({ prefix, client: new SSMClient({ region, credentials, endpoint: moto }) }),
    env: {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: moto,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      WATCHDOG_TARGETS: `ssm:${prefix}`,
      WATCHDOG_STATE: `dynamodb:${table}`,
      // Slack and PagerDuty are stubs on loopback here.
      WATCHDOG_CHANNEL_HOSTS: '127.0.0.1,localhost',
      POWERTOOLS_METRICS_NAMESPACE: 'SchedulerWatchdog',
      POWERTOOLS_SERVICE_NAME: 'scheduler-watchdog-test',
      ...extra,
    },
    async putSecret(Name, SecretString) {
      await secrets.send(new CreateSecretCommand({ Name, SecretString }));
    },
    async changeSecret(SecretId, SecretString) {
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
    },
    async close() {
      secrets.destroy();
      await state.close();
      await dynamo.stop();
    },
  };
}

export function startFunction(
  env: Readonly<Record<string, string>>,
  more: object = {},
): Promise<LambdaRuntime> {
  return startLambdaRuntime({ folder: root, handler: 'dist/check.handler', env, ...more });
}

export function startReader(env: Readonly<Record<string, string>>): Promise<LambdaRuntime> {
  return startLambdaRuntime({ folder: root, handler: 'dist/reader.handler', env });
}

/** Events as the schedule sends them: each for a minute of its own, never a minute that was there before. */
export function schedule() {
  let last = 0;
  return {
    next(): { readonly scheduledTime: string } {
      const now = Date.now();
      last = Math.max(last + MINUTE_MS, now - (now % MINUTE_MS) - MINUTE_MS);
      return { scheduledTime: new Date(last).toISOString() };
    },
  };
}

/** The JSON lines that the function logged for its targets. */
export function targetLines(logs: readonly string[]): readonly TargetLine[] {
  return logs.flatMap((line) => {
    const at = line.indexOf('{');
    try {
      const value = JSON.parse(line.slice(at)) as Partial<TargetLine>;
      return value.decision === undefined ? [] : [value as TargetLine];
    } catch {
      return [];
    }
  });
}

export interface TargetLine {
  readonly target: string;
  readonly blind?: string;
  readonly looks: number;
  readonly pods: readonly { readonly pod: string; readonly uid: string; readonly cause: string }[];
  readonly decision: {
    readonly kind: string;
    readonly code?: string;
    readonly uid?: string;
    readonly answer?: string;
  };
}
