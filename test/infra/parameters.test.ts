import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Resolved, resolveStack } from './resolve.ts';
import { type Packed, packedStack, packStack } from './stack.ts';

/** Everybody who deploys, by osls or otherwise, can say the same things; and says the same things when he says nothing. */
let packed: Packed;

beforeAll(() => {
  packed = packedStack();
}, 60_000);

/** A value that each parameter accepts and that is not its default. */
const VALUES: Readonly<Record<string, string>> = {
  Prefix: '/schedulers/prod',
  ScheduleState: 'ENABLED',
  AlarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:oncall',
  HeartbeatUrl: 'https://hc.example/ping?a=b',
  ChannelHosts: 'chat.example.com,hooks.example.com',
  LogRetentionDays: '90',
  ReservedConcurrency: '2',
  TableProtection: 'ENABLED',
  ReportBucket: 'ENABLED',
  ReportsUrl: 'https://reports.example.com/watchdog/',
  ReportsKey: 'ssm:/schedulers/prod/secrets/report-links',
  SlackActions: '1',
  KmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1',
  DecryptKeyArns: 'arn:aws:kms:eu-west-1:123456789012:key/2,arn:aws:kms:eu-west-1:123456789012:key/3',
  PermissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/boundary',
  SubnetIds: 'subnet-0a1b2c3d,subnet-1a2b3c4d',
  SecurityGroupIds: 'sg-0a1b2c3d',
  AssumableRoleArns: 'arn:aws:iam::*:role/scheduler-watchdog/*',
  SecretArns:
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-1,arn:aws:secretsmanager:eu-west-1:123456789012:secret:b-1',
  SecretTag: 'read',
  AlertTopicArns: 'arn:aws:sns:eu-west-1:123456789012:oncall,arn:aws:sns:eu-west-1:123456789012:team',
  AlertBusArns: 'arn:aws:events:eu-west-1:123456789012:event-bus/default',
  RdsConnectArns: 'arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-1/watchdog',
};

test('both packed forms have the same parameters, rules and conditions, but for where the code is', () => {
  const { CodeBucket, CodeKey, ...others } = packed.plain.Parameters;
  expect([CodeBucket, CodeKey]).not.toContain(undefined);
  expect(others).toEqual(packed.osls.Parameters);
  expect(packed.plain.Rules).toEqual(packed.osls.Rules);
  expect(packed.plain.Conditions).toEqual(packed.osls.Conditions);
});

describe('osls', () => {
  test('--param reaches every parameter of the stack, with commas and equals signs in it', () => {
    expect(Object.keys(VALUES).sort()).toEqual(Object.keys(packed.osls.Parameters).sort());
    const args = Object.entries(VALUES).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
    expect(packedStack({ args }).given).toEqual(VALUES);
  }, 30_000);

  test('params.yml does, too: by stage, over its default, under --param', () => {
    const params =
      'default: { LogRetentionDays: 7, SecretTag: all }\nprod: { LogRetentionDays: 14, AlarmTopicArn: arn:aws:sns:a }\nother: { SecretTag: no }\n';
    expect(packedStack({ params, args: ['--param', 'AlarmTopicArn=arn:aws:sns:b'] }).given).toEqual({
      LogRetentionDays: '14',
      SecretTag: 'all',
      AlarmTopicArn: 'arn:aws:sns:b',
    });
  }, 30_000);

  test('a mistyped name is refused with the names there are', () => {
    expect(packStack({ args: ['--param', 'Prefx=/a'] })).toMatch(/no parameter Prefx.*It has Prefix, /);
  }, 30_000);

  test('nothing given is the default of each', () => {
    expect(packed.given).toEqual({});
  });
});

test('every value above is one that its parameter accepts, and so is every default', () => {
  for (const [name, { AllowedPattern, Default, Type }] of Object.entries(packed.osls.Parameters)) {
    expect(VALUES[name]).not.toBe(String(Default));
    if (AllowedPattern === undefined) continue;
    expect(Type).toBe('String');
    expect([VALUES[name], Default]).toEqual([
      expect.stringMatching(`^(?:${AllowedPattern})$`),
      expect.stringMatching(`^(?:${AllowedPattern})$`),
    ]);
  }
});

test.each([
  [{}, 'goes ahead'],
  [{ SubnetIds: 'subnet-1', SecurityGroupIds: 'sg-1' }, 'goes ahead'],
  [{ SubnetIds: 'subnet-1' }, 'refuses'],
  [{ SecurityGroupIds: 'sg-1' }, 'refuses'],
])('with %j CloudFormation %s', (given, outcome) => {
  const { refusals } = resolveStack(packed.plain, given);
  expect(refusals).toEqual(outcome === 'refuses' ? [expect.stringContaining('belong together')] : []);
});

test('subnets and security groups reach the function as lists', () => {
  const { resources } = resolveStack(packed.plain, VALUES);
  expect(resources.CheckLambdaFunction?.Properties.VpcConfig).toEqual({
    SubnetIds: ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'],
    SecurityGroupIds: ['sg-0a1b2c3d'],
  });
  expect(resolveStack(packed.plain).resources.CheckLambdaFunction?.Properties).not.toHaveProperty(
    'VpcConfig',
  );
});

function environmentOf({ resources }: Resolved): Readonly<Record<string, unknown>> {
  const { Environment } = (resources.CheckLambdaFunction?.Properties ?? {}) as {
    readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
  };
  return Environment?.Variables ?? {};
}

test('two stages share no prefix unless they are told to: by default it is the stack’s name', () => {
  const targets = (stackName: string, given = {}) => {
    const resolved = resolveStack(packed.plain, given, { stackName });
    const { WATCHDOG_TARGETS } = environmentOf(resolved);
    expect(resolved.outputs.Targets?.Value).toBe(WATCHDOG_TARGETS);
    return WATCHDOG_TARGETS;
  };
  expect(targets('watchdog-prod')).toBe('ssm:/watchdog-prod');
  expect(targets('watchdog-dev')).toBe('ssm:/watchdog-dev');
  expect(targets('watchdog-prod', { Prefix: '/mine' })).toBe('ssm:/mine');
});

test('hosts for channels, the place of reports and the heartbeat reach the function', () => {
  const environment = environmentOf(resolveStack(packed.plain, VALUES));
  expect(environment).toMatchObject({
    WATCHDOG_CHANNEL_HOSTS: VALUES.ChannelHosts,
    WATCHDOG_HEARTBEAT_URL: VALUES.HeartbeatUrl,
    WATCHDOG_REPORTS_URL: VALUES.ReportsUrl,
    WATCHDOG_REPORTS_KEY: VALUES.ReportsKey,
  });
  expect(environment).not.toHaveProperty('WATCHDOG_ALLOW_LOOPBACK');
});

test('every parameter says what it is for, and the heartbeat URL is never shown', () => {
  for (const { Description = '' } of Object.values(packed.plain.Parameters))
    expect(Description.length).toBeGreaterThan(20);
  expect(packed.plain.Parameters.HeartbeatUrl?.NoEcho).toBe(true);
});

test('docs/deploy.md says what each is for, with its default where that is a word', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
  const rows = docs.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
  for (const [name, { Default }] of Object.entries(packed.plain.Parameters)) {
    const row = rows.find((line) => line.split('|')[1]?.includes(`\`${name}\``)) ?? `no row for ${name}`;
    expect(row).toContain(/^[A-Z]+$/.test(String(Default)) ? `\`${Default}\`` : name);
  }
});
