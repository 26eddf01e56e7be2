import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { resolveStack } from './resolve.ts';
import { sendable, sources } from './sendable.ts';
import { type Packed, packedStack, type Statement, statementsOf } from './stack.ts';

/** What is granted, beside what the code can ask for: no action too few, none too many. */
const root = join(import.meta.dirname, '../..');
let packed: Packed;

beforeAll(() => {
  packed = packedStack();
}, 60_000);

const EVERY_INTERFACE = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

describe('what each may do', () => {
  test.each([
    [
      'CheckRole',
      {
        WriteItsLog: [null, 'logs:CreateLogStream', 'logs:PutLogEvents'],
        ReadTargetsAndChannels: [null, 'ssm:GetParametersByPath'],
        ReadSecretParameters: [null, 'ssm:GetParameter'],
        KeepState: [null, 'dynamodb:GetItem', 'dynamodb:PutItem'],
        KeepReports: ['HasReports', 's3:PutObject'],
        ReadLedgerForReports: ['HasReports', 'dynamodb:Query'],
        FindClusters: [null, 'eks:DescribeCluster'],
        ReportFailedTicks: [null, 'sqs:SendMessage'],
        ReadSecrets: ['HasSecrets', 'secretsmanager:GetSecretValue'],
        ReadTaggedSecrets: ['HasSecretTag', 'secretsmanager:GetSecretValue'],
        ReachOtherAccounts: ['HasRoles', 'sts:AssumeRole'],
        TellTopics: ['HasAlertTopics', 'sns:Publish'],
        TellBuses: ['HasAlertBuses', 'events:PutEvents'],
        LogInToDatabases: ['HasRdsUsers', 'rds-db:connect'],
        UseTheKey: ['HasKmsKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
        DecryptParametersAndSecrets: ['HasDecryptKeys', 'kms:Decrypt'],
        JoinTheNetwork: ['HasVpc', ...EVERY_INTERFACE],
      },
    ],
    [
      'OnlyLambdaJoins',
      { NotByTheCode: ['HasVpc', ...EVERY_INTERFACE.toSpliced(4, 0, 'ec2:DetachNetworkInterface')] },
    ],
    [
      'ScheduleRole',
      {
        CallTheFunction: [null, 'lambda:InvokeFunction'],
        ReportLostEvents: [null, 'sqs:SendMessage'],
        UseTheKey: ['HasKmsKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
      },
    ],
    [
      'OperatorPolicy',
      {
        ReadAndWriteDocuments: [null, 'ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameter'],
        PauseAndReadHistory: [null, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        UseTheKey: ['HasKmsKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
        DecryptDocuments: ['HasDecryptKeys', 'kms:Decrypt'],
      },
    ],
  ])('%s: exactly this', (name, expected) => {
    const found = statementsOf(packed.plain, name).map((one) => [one.Sid, [one.if, ...[one.Action].flat()]]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test('no grant is for every resource, but for the interfaces that Lambda makes', () => {
    const all = ['CheckRole', 'ScheduleRole', 'OperatorPolicy'].flatMap((name) =>
      statementsOf(packed.plain, name),
    );
    expect(all.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid)).toEqual(['JoinTheNetwork']);
  });

  test('the code itself is denied what Lambda may do with interfaces', () => {
    const [denied] = statementsOf(packed.plain, 'OnlyLambdaJoins');
    expect(denied).toMatchObject({
      Effect: 'Deny',
      Resource: '*',
      Condition: {
        ArnEquals: { 'lambda:SourceFunctionArn': { 'Fn::GetAtt': ['CheckLambdaFunction', 'Arn'] } },
      },
    });
    const allowed = statementsOf(packed.plain, 'CheckRole').find(({ Sid }) => Sid === 'JoinTheNetwork');
    expect(denied?.Action).toEqual(expect.arrayContaining([...(allowed?.Action ?? [])]));
  });

  test('every use of a key goes through the service that holds what it encrypts, in every partition', () => {
    const given = {
      KmsKeyArn: 'arn:aws-cn:kms:cn-north-1:123456789012:key/1',
      DecryptKeyArns:
        'arn:aws-cn:kms:cn-north-1:123456789012:key/2,arn:aws-cn:kms:cn-north-1:123456789012:key/3',
    };
    const { resources } = resolveStack(packed.plain, given, {
      partition: 'aws-cn',
      urlSuffix: 'amazonaws.com.cn',
    });
    const found = Object.values(resources)
      .flatMap(({ Properties }) => documentsOf(Properties))
      .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')));
    const services = found.map(({ Condition }) =>
      Object.values(Condition as Record<string, Record<string, string | string[]>>).map(
        (one) => one['kms:ViaService'],
      ),
    );
    expect(found.length).toBe(5);
    for (const service of services.flat(2))
      expect(service).toMatch(/^[a-z0-9]+\.[a-z0-9*-]+\.amazonaws\.com\.cn$/);
  });

  test.each([
    ['TellTopics', 'AlertTopicArns', 'arn:aws:sns:eu-west-1:1:a,arn:aws:sns:eu-west-1:1:b'],
    ['TellBuses', 'AlertBusArns', 'arn:aws:events:eu-west-1:1:event-bus/a'],
  ])('%s: only what %s names, and nothing when it names none', (sid, parameter, arns) => {
    const grants = (given: Readonly<Record<string, string>>) =>
      documentsOf(resolveStack(packed.plain, given).resources.CheckRole?.Properties ?? {}).filter(
        ({ Sid }) => Sid === sid,
      );
    expect(grants({})).toEqual([]);
    expect(grants({ [parameter]: arns })).toEqual([
      expect.objectContaining({ Effect: 'Allow', Resource: arns.split(',') }),
    ]);
  });

  test('both roles have the boundary when one is given', () => {
    const { resources } = resolveStack(packed.plain, { PermissionsBoundaryArn: 'arn:aws:iam::1:policy/b' });
    for (const name of ['CheckRole', 'ScheduleRole'])
      expect(resources[name]?.Properties.PermissionsBoundary).toBe('arn:aws:iam::1:policy/b');
  });

  test('docs/deploy.md names every action', () => {
    const docs = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
    const all = ['CheckRole', 'OnlyLambdaJoins', 'ScheduleRole', 'OperatorPolicy'].flatMap((name) =>
      statementsOf(packed.plain, name).flatMap(({ Action }) => Action),
    );
    expect([...new Set(all)].filter((action) => !docs.includes(`\`${action}\``))).toEqual([]);
  });
});

function documentsOf(properties: Readonly<Record<string, unknown>>): readonly Statement[] {
  const { Policies = [], PolicyDocument } = properties as {
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
    readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
  };
  return [...Policies.map((one) => one.PolicyDocument), ...(PolicyDocument ? [PolicyDocument] : [])].flatMap(
    (document) => document.Statement,
  );
}

/** Sent by commands of the command line alone; the function's flow never calls what sends them. */
const OPERATOR_ONLY: Readonly<Record<string, RegExp>> = {
  'ssm:PutParameter': /\b(to|documents)\.put\(/,
  'ssm:DeleteParameter': /\b(to|documents)\.remove\(/,
};

/** Sent as one signed request, without a command of the SDK. */
const SIGNED_BY_US = ['s3:PutObject', 'sns:Publish', 'events:PutEvents'];

/** Granted for what Lambda does in the role's name, or for what is signed here and sent by somebody else. */
const NOT_SENT_BY_US = /^(logs|sqs|ec2|kms):|^rds-db:connect$/;

describe('the grants beside the SDK commands that the code can send', () => {
  const granted = (name: string) =>
    [...new Set(statementsOf(packed.plain, name).flatMap(({ Action }) => [Action].flat()))]
      .filter((action) => !NOT_SENT_BY_US.test(action))
      .sort();

  test('the code is seen to send something', () => {
    expect(sendable().length).toBeGreaterThan(8);
    expect(sendable()).toEqual(expect.arrayContaining(Object.keys(OPERATOR_ONLY)));
  });

  test('the function may send all that it can send, and nothing else', () => {
    expect(granted('CheckRole')).toEqual(
      [...sendable().filter((action) => !(action in OPERATOR_ONLY)), ...SIGNED_BY_US].sort(),
    );
  });

  test('operators may send the rest', () => {
    expect(granted('OperatorPolicy')).toEqual(expect.arrayContaining(Object.keys(OPERATOR_ONLY)));
    expect(sendable()).toEqual(expect.arrayContaining([...granted('OperatorPolicy')]));
  });

  test.each(Object.entries(OPERATOR_ONLY))(
    'the flow of the function never calls what sends %s',
    (_, call) => {
      const flow = [...sources('functions/flow'), readFileSync(join(root, 'functions/check.ts'), 'utf8')];
      expect(flow.filter((text) => call.test(text))).toEqual([]);
      expect(sources('functions/commands').filter((text) => call.test(text)).length).toBeGreaterThan(0);
    },
  );
});
