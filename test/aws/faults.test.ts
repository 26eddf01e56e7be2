import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LIMITS } from '../../functions/core/policy.ts';
import type { LambdaRuntime } from '../stubs/lambda-runtime.ts';
import type { Passing, Verdict } from '../support/gate-proxy.ts';
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts';
import { openWedgeWorld, type WedgeWorld } from './wedge-world.ts';
import { schedule, startFunction, targetLines } from './world.ts';

/** Parties that fail in the middle of things, and a function that dies there. */
let postgres: TestPostgres;
let world: WedgeWorld;
let lambda: LambdaRuntime;
let ticks: ReturnType<typeof schedule>;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.stop());
beforeEach(async () => {
  ticks = schedule();
  world = await openWedgeWorld(postgres);
  lambda = await startFunction(world.env);
});
afterEach(async () => {
  await lambda.close();
  await world.close();
});

async function tick() {
  const told = await lambda.invoke(ticks.next());
  return { ...told, lines: targetLines(told.logs), text: told.logs.join('\n') };
}

const operation = ({ headers }: Passing) => String(headers['x-amz-target'] ?? '');
/** Refuses the first `times` requests that fit. */
function throttling(fits: RegExp, times: number): (passing: Passing) => Verdict {
  let left = times;
  return (passing) => {
    if (!fits.test(operation(passing)) || left === 0) return 'pass';
    left -= 1;
    return { status: 400, type: 'ThrottlingException' };
  };
}

describe('AWS throttles', () => {
  test('SSM for a moment: the list is read all the same', async () => {
    world.gates.aws.judge(throttling(/^AmazonSSM/, 3));
    expect(await tick()).toMatchObject({
      kind: 'ok',
      lines: [{ target: 'prod', decision: { kind: 'rest' } }],
    });
  });

  test('SSM on and on: the last good list is used, and says so', async () => {
    await tick();
    world.gates.aws.judge(throttling(/^AmazonSSM/, Number.POSITIVE_INFINITY));
    const told = await tick();
    expect(told).toMatchObject({ kind: 'ok', lines: [{ target: 'prod', decision: { kind: 'rest' } }] });
    expect(told.text).toMatch(/TargetListStale\\?":1/);
  });

  test('Secrets Manager on and on: the database is not seen, and nothing is removed for it', async () => {
    world.wedge();
    world.gates.aws.judge(throttling(/^secretsmanager/, Number.POSITIVE_INFINITY));
    const told = await tick();
    expect(told).toMatchObject({ kind: 'ok', lines: [{ decision: { kind: 'hold' } }] });
    expect(world.removals()).toBe(0);
  });

  test('DynamoDB for a moment, in the middle of a removal: it is done once', async () => {
    await tick();
    world.wedge();
    world.gates.dynamodb.judge(throttling(/PutItem$/, 2));
    const told = await tick();
    expect(told).toMatchObject({ kind: 'ok', lines: [{ decision: { kind: 'remove' } }] });
    expect(world.removals()).toBe(1);
  });

  test('DynamoDB on and on: nothing is removed, and the tick fails', async () => {
    await tick();
    world.wedge();
    world.gates.dynamodb.judge(throttling(/PutItem$/, Number.POSITIVE_INFINITY));
    expect(await tick()).toMatchObject({ kind: 'error' });
    expect(world.removals()).toBe(0);
  });
});

test('a password that is rotated during an incident: the recovery is seen with the new one', async () => {
  await postgres.run(
    world.database,
    "CREATE ROLE rotated LOGIN PASSWORD 'old'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO rotated",
  );
  const secret = `${world.account.prefix}/rotated`;
  const put = (password: string) =>
    world.account.putSecret(secret, postgres.url(world.database, { name: 'rotated', password }));
  await put('old');
  await world.putTarget('prod', { database: { engine: 'postgres', secret: `secretsmanager:${secret}` } });
  await tick();
  world.wedge();
  expect(await tick()).toMatchObject({ lines: [{ decision: { kind: 'remove' } }] });
  await postgres.run(world.database, "ALTER ROLE rotated PASSWORD 'new'");
  await world.account.changeSecret(
    secret,
    postgres.url(world.database, { name: 'rotated', password: 'new' }),
  );
  await world.replace();
  const told = await tick();
  expect(told).toMatchObject({ kind: 'ok', cold: false });
  expect(told.lines[0]?.pods.map(({ cause }) => cause)).not.toContain('blind');
  expect(world.removals()).toBe(1);
});

test('clusters of two regions: each is asked for in its own, with a token that its own STS signs for', async () => {
  await world.putTarget('overseas', { cluster: { eks: 'prod', region: 'us-east-1' } });
  const regions = new Set<string>();
  world.gates.eks.judge(({ headers }) => {
    regions.add(
      /Credential=[^/]+\/\d+\/([a-z0-9-]+)\/eks\//.exec(String(headers.authorization))?.[1] ?? 'none',
    );
    return 'pass';
  });
  expect(await tick()).toMatchObject({ kind: 'ok', payload: { targets: 2 } });
  expect([...regions].sort()).toEqual(['eu-central-1', 'us-east-1']);
  const hosts = world.kube.requests.map(({ headers }) => {
    const token = String(headers.authorization).replace('Bearer k8s-aws-v1.', '');
    return new URL(Buffer.from(token, 'base64url').toString('utf8')).host;
  });
  expect([...new Set(hosts)].sort()).toEqual([
    'sts.eu-central-1.amazonaws.com',
    'sts.us-east-1.amazonaws.com',
  ]);
});

/** What changes something outside of the function. */
const isEffect = (passing: Passing) =>
  passing.method === 'DELETE' ||
  /PutItem$/.test(operation(passing)) ||
  passing.headers['x-amz-target'] === undefined;

test('killed after each effect of a removal in turn: the pod goes once, and somebody is told', async () => {
  // Side by side, since a removal that was begun and not finished is taken up only when the fleet's window is over.
  const fates = await Promise.all(Array.from({ length: 10 }, (_, at) => removalKilledAfter(at + 1)));
  expect(fates.map(({ removals, isTold }) => [removals, isTold])).toEqual(fates.map(() => [1, true]));
  const killedBy = fates.map((fate) => fate.killedBy ?? 'nothing');
  // The state, the books, the dry run, the delete, the alert; the last of them were past all effects.
  expect(killedBy).toEqual(expect.arrayContaining(['PutItem', 'DELETE', 'POST']));
}, 300_000);

async function removalKilledAfter(last: number) {
  const own = await openWedgeWorld(postgres);
  const slots = schedule();
  const mortal = await startFunction(own.env);
  try {
    await mortal.invoke(slots.next());
    own.wedge();
    let effects = 0;
    let killedBy: string | null = null;
    const judge = (passing: Passing): Verdict => {
      if (!isEffect(passing) || killedBy !== null) return 'pass';
      effects += 1;
      if (effects < last) return 'pass';
      killedBy = operation(passing).split('.').at(-1) || passing.method;
      // The far side does it; the function never hears of it.
      setTimeout(() => void mortal.kill(), 50);
      return 'swallow';
    };
    own.gates.dynamodb.judge((passing) => (isEffect(passing) ? judge(passing) : 'pass'));
    own.gates.kube.judge((passing) => (passing.method === 'DELETE' ? judge(passing) : 'pass'));
    own.gates.slack.judge(judge);
    await mortal.invoke(slots.next());
    const end = Date.now() + 2 * LIMITS.fleetBudgetWindowMs;
    const isDone = () => own.removals() > 0 && own.slack.messages.length > 0;
    while (!isDone() && Date.now() < end) await mortal.invoke(slots.next());
    // One more, which must not remove again.
    await mortal.invoke(slots.next());
    return {
      killedBy: killedBy as string | null,
      removals: own.removals(),
      isTold: own.slack.messages.length > 0,
    };
  } finally {
    await mortal.close();
    await own.close();
  }
}
