import { expect, test } from '@jest/globals';
import { readTemplate } from './read-template.ts';
import { resolveStack } from './resolve.ts';

/** infra/cluster-stack.yml: what a cluster gives to the watchdog, in its own account or another one. */
const WATCHDOG = 'arn:aws:iam::111111111111:role/watchdog-CheckRole-1';
const template = readTemplate('infra/cluster-stack.yml');
const stack = (given: Readonly<Record<string, string>> = {}) =>
  resolveStack(template, { ClusterName: 'prod', WatchdogRoleArn: WATCHDOG, ...given });

test('a role of its own: only the watchdog may become it, and all it may do is find this cluster', () => {
  const { resources, outputs, refusals } = stack();
  expect(resources.Reader?.Properties).toMatchObject({
    Path: '/scheduler-watchdog/',
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { AWS: WATCHDOG }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyDocument: {
          Statement: [
            {
              Action: 'eks:DescribeCluster',
              Resource: 'arn:aws:eks:eu-west-1:123456789012:cluster/prod',
            },
          ],
        },
      },
    ],
  });
  expect(resources.AccessEntry?.Properties).toEqual({
    ClusterName: 'prod',
    PrincipalArn: '<Reader.Arn>',
    KubernetesGroups: ['scheduler-watchdog'],
    Type: 'STANDARD',
  });
  expect([Object.keys(resources).length, outputs.RoleArn?.Value, refusals]).toEqual([2, '<Reader.Arn>', []]);
});

test('with an external id the role is for who knows it', () => {
  expect(stack({ ExternalId: 'x-1' }).resources.Reader?.Properties.AssumeRolePolicyDocument).toMatchObject({
    Statement: [{ Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } } }],
  });
});

test('without a role of its own the watchdog’s gets the access entry', () => {
  const { resources, outputs } = stack({ ReaderRole: 'false' });
  expect(Object.keys(resources)).toEqual(['AccessEntry']);
  expect([resources.AccessEntry?.Properties.PrincipalArn, outputs]).toEqual([WATCHDOG, {}]);
});

test('security groups open only what is named, and only for the function', () => {
  const groups = {
    WatchdogSecurityGroupId: 'sg-a',
    ClusterSecurityGroupId: 'sg-b',
    DatabaseSecurityGroupId: 'sg-c',
  };
  const { resources } = stack({ ...groups, DatabasePort: '3306' });
  const rule = { SourceSecurityGroupId: 'sg-a', IpProtocol: 'tcp' };
  expect(resources.ToTheApiServer?.Properties).toMatchObject({
    ...rule,
    GroupId: 'sg-b',
    FromPort: 443,
    ToPort: 443,
  });
  expect(resources.ToTheDatabase?.Properties).toMatchObject({
    ...rule,
    GroupId: 'sg-c',
    FromPort: '3306',
    ToPort: '3306',
  });
  expect(Object.keys(stack({ ClusterSecurityGroupId: 'sg-b' }).resources)).toEqual(['Reader', 'AccessEntry']);
});
