import { afterAll, beforeAll } from '@jest/globals';
import { createDynamoState } from '../../functions/adapters/aws/dynamodb-state.ts';
import { createClock } from '../../functions/adapters/local/clock.ts';
import { describeStateStore } from '../contracts/state-store.ts';
import { type LocalDynamo, startDynamo } from '../support/dynamodb.ts';

/** The same suite as on dynalite, on Amazon's own imitation where Java is there (test/rig/aws/up says when it is not). */
let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo(process.env.AWS_ENDPOINT_URL_DYNAMODB);
});
afterAll(() => dynamo.stop());

describeStateStore('DynamoDB Local', async () =>
  createDynamoState({ table: await dynamo.createTable(), clock: createClock(), client: dynamo.client() }),
);
