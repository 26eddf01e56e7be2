import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { metricsOf } from '../../functions/core/metrics.ts';
import { LIMITS } from '../../functions/core/policy.ts';
import { plainTemplate } from '../../infra/package.mjs';

/** The packed stack: what it grants and what it promises. `npm run check:template` has cfn-lint and checkov read it, too. */
const root = join(import.meta.dirname, '../..');
const folder = join(root, '.package');
const zip = join(folder, 'scheduler-watchdog.zip');

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}
type Properties = Readonly<Record<string, unknown>>;
interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Description?: string; readonly NoEcho?: boolean }>>;
  readonly Resources: Readonly<
    Record<
      string,
      { readonly Type: string; readonly DeletionPolicy?: string; readonly Properties: Properties }
    >
  >;
}
let osls: Template;
let plain: Template;

const pack = () => execFileSync(process.execPath, [join(root, 'infra/package.mjs')], { stdio: 'pipe' });
const hash = () => createHash('sha256').update(readFileSync(zip)).digest('hex');
/** Names in the zip's central directory (PKWARE's APPNOTE, 4.3.12). */
function listing(): readonly string[] {
  const bytes = readFileSync(zip);
  const names: string[] = [];
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 46))
    names.push(bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)));
  return names;
}
const properties = (name: string): Properties => plain.Resources[name]?.Properties ?? {};
const ofType = (type: string) => Object.entries(plain.Resources).filter(([, one]) => one.Type === type);

beforeAll(() => {
  pack();
  osls = JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
  plain = JSON.parse(readFileSync(join(folder, 'template.json'), 'utf8'));
}, 60_000);

test('the same input gives the same zip', () => {
  const first = hash();
  pack();
  expect(hash()).toBe(first);
}, 60_000);

test('the zip holds the handler, its chunks, and no source map', () => {
  const files = listing();
  expect(files).toContain('dist/check.mjs');
  expect(files.filter((file) => !/^dist\/(chunks\/)?[\w.-]+\.mjs$/.test(file))).toEqual([]);
  expect(existsSync(join(root, 'dist/check.mjs.map'))).toBe(true);
});

/** `if` is the condition under which a statement is there at all. */
function statements(role: string): readonly (Statement & { readonly if: string | null })[] {
  const [policy] = properties(role).Policies as [{ PolicyDocument: { Statement: readonly unknown[] } }];
  return policy.PolicyDocument.Statement.map((one) => {
    const choice = (one as { 'Fn::If'?: [string, Statement, unknown] })['Fn::If'];
    return choice === undefined ? { ...(one as Statement), if: null } : { ...choice[1], if: choice[0] };
  });
}

describe('the roles', () => {
  test.each([
    [
      'CheckRole',
      {
        WriteItsLog: [null, 'logs:CreateLogStream', 'logs:PutLogEvents'],
        ReadTargetsChannelsAndSecrets: [null, 'ssm:GetParametersByPath', 'ssm:GetParameter'],
        KeepState: [null, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        FindClusters: [null, 'eks:DescribeCluster'],
        ReportFailedTicks: [null, 'sqs:SendMessage'],
        ReadSecrets: ['HasSecrets', 'secretsmanager:GetSecretValue'],
        ReachOtherAccounts: ['HasRoles', 'sts:AssumeRole'],
        LogInToDatabases: ['HasRdsUsers', 'rds-db:connect'],
        UseTheKey: ['HasKmsKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
        JoinTheNetwork: [
          'HasVpc',
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
      },
    ],
    [
      'ScheduleRole',
      {
        CallTheFunction: [null, 'lambda:InvokeFunction'],
        ReportLostEvents: [null, 'sqs:SendMessage'],
        UseTheKey: ['HasKmsKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
      },
    ],
  ])('%s may do exactly this', (role, expected) => {
    const found = statements(role).map((one) => [one.Sid, [one.if, ...[one.Action].flat()]]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test('no statement is for every resource, but for the network interfaces that know none', () => {
    const wide = ['CheckRole', 'ScheduleRole'].flatMap(statements).filter(({ Resource }) => Resource === '*');
    expect(wide.map(({ Sid }) => Sid)).toEqual(['JoinTheNetwork']);
  });

  test('both have the boundary when one is given', () => {
    for (const [, { Properties }] of ofType('AWS::IAM::Role'))
      expect(Properties.PermissionsBoundary).toMatchObject({
        'Fn::If': ['HasBoundary', expect.anything(), expect.anything()],
      });
  });
});

test('the schedule: every minute, no retry, a minute of age, the slot in the event', () => {
  expect(properties('EveryMinute')).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: { Ref: 'ScheduleState' },
    Target: {
      Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['FailedTicks', 'Arn'] } },
    },
  });
});

test('the function: one at a time, arm64, Node 24, more time than a tick takes', () => {
  expect(properties('CheckLambdaFunction')).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    MemorySize: 256,
    ReservedConcurrentExecutions: 1,
    Handler: 'dist/check.handler',
  });
  expect(Number(properties('CheckLambdaFunction').Timeout) * 1_000).toBeGreaterThan(LIMITS.tickBudgetMs);
  expect(properties('CheckLambdaEvConf')).toMatchObject({
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
  });
});

test('the table: on demand, recoverable, protected, expiring; it and the bucket outlive the stack', () => {
  expect(properties('State')).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
  for (const name of ['State', 'Reports']) expect(plain.Resources[name]?.DeletionPolicy).toBe('Retain');
});

test.each(['FailedTicksPolicy', 'ReportsPolicy'])('%s lets nobody in without TLS', (name) => {
  expect(properties(name).PolicyDocument).toMatchObject({
    Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
  });
});

describe('the alarms', () => {
  const sample = metricsOf(
    {
      scheduledAt: 0,
      targets: [],
      bad: [],
      staleSince: null,
      nothingDone: null,
      storm: false,
      undelivered: 0,
      defects: [],
    },
    1,
  ).map(({ name }) => name);

  test('missed ticks breach when nothing is heard', () => {
    expect(properties('TicksMissed')).toMatchObject({
      MetricName: 'TicksCompleted',
      TreatMissingData: 'breaching',
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
      .filter(([namespace]) => namespace === 'SchedulerWatchdog')
      .map(([, name]) => name);
    expect(named.length).toBeGreaterThan(10);
    for (const name of named) expect([...sample, 'HeartbeatAge', 'Holds']).toContain(name);
  });
});

test('the plain template names no bucket of osls, no stage and no account', () => {
  const text = JSON.stringify(plain);
  expect(text).not.toMatch(/ServerlessDeployment|scheduler-watchdog-prod|\b\d{12}\b/);
  expect(Object.keys(plain.Parameters)).toEqual(expect.arrayContaining(['CodeBucket', 'CodeKey', 'Prefix']));
  expect(plainTemplate(osls)).toEqual(plain);
});

test('every parameter says what it is for, and the heartbeat URL is never shown', () => {
  for (const { Description = '' } of Object.values(plain.Parameters))
    expect(Description.length).toBeGreaterThan(20);
  expect(plain.Parameters.HeartbeatUrl?.NoEcho).toBe(true);
});
