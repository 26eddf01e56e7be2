import { beforeAll, describe, expect, test } from '@jest/globals';
import { metricsOf } from '../../functions/core/metrics.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { plainTemplate } from '../../infra/package.mjs';
import { EMPTY_TICK } from '../core/builders.ts';
import { resolveStack } from './resolve.ts';
import { type Properties, packedStack, type Template } from './stack.ts';

/** The stack that both packed forms describe. `npm run check:template` has cfn-lint and checkov read it, too. */
let osls: Template;
let plain: Template;

const properties = (name: string): Properties => plain.Resources[name]?.Properties ?? {};
const ofType = (type: string) => Object.entries(plain.Resources).filter(([, one]) => one.Type === type);

beforeAll(() => {
  ({ osls, plain } = packedStack());
}, 60_000);

test('the schedule: every minute, no retry, a minute of age, the slot in the event', () => {
  expect(properties('EveryMinute')).toMatchObject({
    ScheduleExpression: 'cron(* * * * ? *)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: { Ref: 'ScheduleState' },
    Target: {
      Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedTicks', 'Arn'] } },
    },
  });
});

test('the function: arm64, Node 24, more time than a tick takes', () => {
  expect(properties('CheckLambdaFunction')).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    MemorySize: 256,
    Handler: 'dist/check.handler',
  });
  expect(Number(properties('CheckLambdaFunction').Timeout) * 1_000).toBeGreaterThan(LIMITS.tickBudgetMs);
  expect(properties('CheckLambdaEvConf')).toMatchObject({
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
});

test('concurrency is reserved only where somebody asks for it: a new account has none to spare', () => {
  const reserved = (given: Readonly<Record<string, string>>) =>
    resolveStack(plain, given).resources.CheckLambdaFunction?.Properties.ReservedConcurrentExecutions;
  expect(reserved({})).toBeUndefined();
  expect(reserved({ ReservedConcurrency: '1' })).toBe('1');
});

test('the table: on demand, recoverable, expiring', () => {
  expect(properties('State')).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
});

test('a create that fails leaves nothing behind; what a stack had outlives it', () => {
  const kept = Object.entries(plain.Resources).filter(([, one]) => one.DeletionPolicy !== undefined);
  expect(kept.map(([name, one]) => [name, one.DeletionPolicy])).toEqual([
    ['State', 'RetainExceptOnCreate'],
    ['Reports', 'RetainExceptOnCreate'],
  ]);
  const { resources } = resolveStack(plain);
  // Protection would keep CloudFormation from taking the table back.
  expect(resources.State?.Properties.DeletionProtectionEnabled).toBe(false);
  const later = resolveStack(plain, { TableProtection: 'ENABLED' });
  expect(later.resources.State?.Properties.DeletionProtectionEnabled).toBe(true);
});

test('there is no bucket for reports, and no right to one, until somebody wants them', () => {
  const off = resolveStack(plain);
  for (const one of [off.resources.Reports, off.resources.ReportsPolicy, off.outputs.ReportsBucket])
    expect(one).toBeUndefined();
  expect(JSON.stringify(off.resources)).not.toMatch(/s3:/);
  expect(resolveStack(plain, { ReportBucket: 'ENABLED' }).resources.Reports).toBeDefined();
});

/** Properties that give a thing its name, which two stacks then cannot share and a long stack name does not fit into. */
const NAMES =
  /^(FunctionName|Name|AlarmName|DashboardName|LogGroupName|RoleName|ManagedPolicyName|QueueName|TableName|BucketName|TopicName)$/;

test('nothing has a name of its own: a StackSet’s stack is called StackSet-…-uuid, longer than names may be', () => {
  const stackName = `StackSet-scheduler-watchdog-for-all-accounts-${'0'.repeat(36)}`;
  for (const one of [osls, plain]) {
    const { resources } = resolveStack(one, {}, { stackName });
    const named = Object.entries(resources)
      .filter(([, { Type }]) => !['AWS::Lambda::EventInvokeConfig'].includes(Type))
      .flatMap(([name, { Properties }]) =>
        Object.keys(Properties)
          .filter((key) => NAMES.test(key))
          .map((key) => `${name}.${key}`),
      );
    expect(named).toEqual([]);
  }
});

test('the schedule is off until there are targets to look at', () => {
  const state = (given: Readonly<Record<string, string>>) =>
    resolveStack(plain, given).resources.EveryMinute?.Properties.State;
  expect([state({}), state({ ScheduleState: 'ENABLED' })]).toEqual(['DISABLED', 'ENABLED']);
});

test.each(['FailedTicksPolicy', 'ReportsPolicy'])('%s lets nobody in without TLS', (name) => {
  expect(properties(name).PolicyDocument).toMatchObject({
    Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
  });
});

describe('the alarms', () => {
  const sample = metricsOf({ ...EMPTY_TICK, scheduledAt: 0 }, 1).map(({ name }) => name);

  test('missed ticks breach when nothing is heard, and only then: an alarm that is red already tells nobody', () => {
    const missing = (given: Readonly<Record<string, string>>) =>
      resolveStack(plain, given).resources.TicksMissed?.Properties.TreatMissingData;
    expect(properties('TicksMissed').MetricName).toBe('TicksCompleted');
    expect([missing({ ScheduleState: 'ENABLED' }), missing({})]).toEqual(['breaching', 'notBreaching']);
  });

  test('a lost tick: one goes off for each, the other stays red until the queue has been read', () => {
    expect(properties('TickLost')).toMatchObject({
      MetricName: 'NumberOfMessagesSent',
      Statistic: 'Sum',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
    expect(properties('FailedTicksWaiting')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      TreatMissingData: 'notBreaching',
      OKActions: expect.anything(),
    });
  });

  test('each looks at a metric that is published, is silent while the schedule is off, and goes to the topic', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThanOrEqual(7);
    for (const [, { Properties }] of alarms) {
      if (Properties.Namespace === 'SchedulerWatchdog') expect(sample).toContain(Properties.MetricName);
      expect(Properties.ActionsEnabled).toEqual({ 'Fn::If': ['IsEnabled', true, false] });
      expect(JSON.stringify(Properties.AlarmActions)).toContain('AlarmTopicArn');
    }
  });

  test('the dashboard is JSON and names published metrics only', () => {
    const body = properties('Dashboard').DashboardBody as { 'Fn::Sub': string };
    const { widgets } = JSON.parse(body['Fn::Sub']) as {
      widgets: { properties: { metrics?: unknown[][] } }[];
    };
    const named = widgets
      .flatMap(({ properties: { metrics = [] } }) => metrics)
      .filter(([namespace]) => namespace === 'SchedulerWatchdog' || namespace === '.')
      .map(([, name]) => name);
    expect(named.length).toBeGreaterThan(8);
    const shown = Object.keys(plain.Resources).filter((name) => body['Fn::Sub'].includes(`\${${name}.Arn}`));
    expect(shown).toEqual(ofType('AWS::CloudWatch::Alarm').map(([name]) => name));
    for (const name of named) expect([...sample, 'HeartbeatAge', 'Holds']).toContain(name);
  });
});

test('the plain template names no bucket of osls, no stage and no account', () => {
  const text = JSON.stringify(plain);
  expect(text).not.toMatch(/ServerlessDeployment|scheduler-watchdog-prod|\b\d{12}\b/);
  expect(Object.keys(plain.Parameters)).toEqual(expect.arrayContaining(['CodeBucket', 'CodeKey', 'Prefix']));
  expect(plainTemplate(osls)).toEqual(plain);
});

test('no address of a console, whose host differs by partition', () => {
  expect(JSON.stringify(plain)).not.toMatch(/https:\/\/[^"]*amazon/);
  for (const { Properties } of Object.values(resolveStack(plain, {}, { partition: 'aws-cn' }).resources))
    expect(JSON.stringify(Properties)).not.toMatch(/arn:aws:/);
});
