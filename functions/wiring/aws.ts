import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createAwsConnections } from '../adapters/aws/connections.ts';
import { createDynamoState } from '../adapters/aws/dynamodb-state.ts';
import { createEksSessions, type EksSessions } from '../adapters/aws/eks-sessions.ts';
import { createInvoke } from '../adapters/aws/invoke-function.ts';
import { createRdsToken } from '../adapters/aws/rds-token.ts';
import { createS3Reports, type S3Reports } from '../adapters/aws/s3-reports.ts';
import { createAwsSecrets } from '../adapters/aws/secrets.ts';
import { createSigner } from '../adapters/aws/sign.ts';
import { createSsmDocuments } from '../adapters/aws/ssm-documents.ts';
import type { Clock, DocumentStore, SecretSource, StateStore } from '../ports.ts';

/** Everything that asks AWS. Account, region and endpoints come from the SDK's own environment variables. */
export interface Aws {
  documents(prefix: string): DocumentStore;
  state(table: string): StateStore;
  secrets(local: SecretSource): SecretSource;
  reports(bucket: string): S3Reports;
  readonly eks: EksSessions;
  readonly rdsToken: ReturnType<typeof createRdsToken>;
  /** Answers of a deployed function. */
  readonly invoke: ReturnType<typeof createInvoke>;
  readonly sign: ReturnType<typeof createSigner>;
  /** Later calls use new connections: a frozen function's are not to be trusted. */
  dropConnections(): void;
  close(): Promise<void>;
}

export function createAws(clock: Clock): Aws {
  const connections = createAwsConnections();
  const { settings } = connections;
  const ssm = new SSMClient(settings);
  const eks = createEksSessions({ clock, settings });
  const own = {
    clock,
    credentials: () => ssm.config.credentials(),
    region: () => ssm.config.region(),
  };
  return {
    documents: (prefix) => createSsmDocuments({ prefix, client: ssm }),
    state: (table) => createDynamoState({ table, clock, client: new DynamoDBClient(settings) }),
    secrets: (local) => createAwsSecrets({ clock, local, ssm, settings }),
    reports: (bucket) =>
      createS3Reports({
        bucket,
        clock,
        credentials: () => ssm.config.credentials(),
        region: () => ssm.config.region(),
        endpoint: process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL ?? null,
      }),
    eks,
    rdsToken: createRdsToken(own),
    sign: createSigner(own),
    invoke: createInvoke({
      ...own,
      endpoint: process.env.AWS_ENDPOINT_URL_LAMBDA ?? process.env.AWS_ENDPOINT_URL ?? null,
    }),
    dropConnections() {
      connections.drop();
      eks.dropConnections();
    },
    async close() {
      await eks.close();
      ssm.destroy();
      connections.drop();
    },
  };
}
