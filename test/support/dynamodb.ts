import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

export interface LocalDynamo {
  readonly url: string;
  /** A client as the product has it, but for the address. */
  client(): DynamoDBClient;
  /** A new table with the keys of infra/state.yml; resolves to its name. */
  createTable(): Promise<string>;
  stop(): Promise<void>;
}

/** DynamoDB on the loopback: dynalite in this process, or whatever already answers at `url`. */
export async function startDynamo(url?: string): Promise<LocalDynamo> {
  const server = url === undefined ? dynalite({ createTableMs: 0 }) : null;
  if (server !== null) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const endpoint = url ?? `http://127.0.0.1:${((server as Server).address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = () => new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 2 });
  const own = client();
  return {
    url: endpoint,
    client,
    async createTable() {
      const TableName = `state-${randomUUID()}`;
      await own.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
        }),
      );
      return TableName;
    },
    async stop() {
      own.destroy();
      await new Promise<void>((done) => (server === null ? done() : server.close(() => done())));
    },
  };
}
