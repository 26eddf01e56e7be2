import { afterAll, beforeAll } from '@jest/globals';
import { createDynamoState } from '../../../functions/adapters/aws/dynamodb-state.ts';
import { createClock } from '../../../functions/adapters/local/clock.ts';
import { describeStateStore } from '../../contracts/state-store.ts';
import { type LocalDynamo, startDynamo } from '../../support/dynamodb.ts';

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.stop());

describeStateStore('DynamoDB (dynalite)', async () =>
  createDynamoState({ table: await dynamo.createTable(), clock: createClock(), client: dynamo.client() }),
);
