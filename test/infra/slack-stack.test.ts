import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readTemplate } from './read-template.ts';
import { resolveStack } from './resolve.ts';
import { grantsOf, resourcesOf } from './stack.ts';

/** infra/slack-stack.yml: what answers to buttons in Slack. */
const template = readTemplate('infra/slack-stack.yml');
const GIVEN = {
  CodeBucket: 'code',
  TableName: 'watchdog-State-1',
  SigningSecretParameter: '/watchdog/secrets/slack-signing',
  SlackUsers: 'U0ANN00001,U0BOB00001',
};
const stack = (given: Readonly<Record<string, string>> = {}) =>
  resolveStack(template, { ...GIVEN, ...given });
const propertiesOf = (name: string) => stack().resources[name]?.Properties ?? {};

test('its role reaches the state, the one secret and its log; neither clusters nor targets', () => {
  expect(grantsOf(template)).toEqual({
    WriteItsLog: [null, 'logs:CreateLogStream', 'logs:PutLogEvents'],
    KeepState: [null, 'dynamodb:GetItem', 'dynamodb:PutItem'],
    ReadTheSigningSecret: [null, 'ssm:GetParameter'],
    UseTheKey: ['HasKmsKey', 'kms:Decrypt', 'kms:GenerateDataKey'],
    DecryptTheSigningSecret: ['HasDecryptKey', 'kms:Decrypt'],
  });
  expect(resourcesOf(propertiesOf('Role')).slice(1)).toEqual([
    'arn:aws:dynamodb:eu-west-1:123456789012:table/watchdog-State-1',
    'arn:aws:ssm:eu-west-1:123456789012:parameter/watchdog/secrets/slack-signing',
  ]);
});

test('the function is told where state and secret lie and who may press, by names that the code reads', () => {
  const { Environment, Handler } = propertiesOf('Function') as {
    readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
    readonly Handler: string;
  };
  expect(Environment.Variables).toEqual({
    WATCHDOG_STATE: 'dynamodb:watchdog-State-1',
    WATCHDOG_SLACK_SIGNING_SECRET: 'ssm:/watchdog/secrets/slack-signing',
    WATCHDOG_SLACK_USERS: 'U0ANN00001,U0BOB00001',
  });
  const code = ['wiring/slack.ts', 'wiring/settings.ts']
    .map((file) => readFileSync(`functions/${file}`, 'utf8'))
    .join('\n');
  for (const name of Object.keys(Environment.Variables)) expect(code).toContain(`env.${name}`);
  expect(Handler).toBe('dist/slack.handler');
  expect(readFileSync('infra/build.mjs', 'utf8')).toContain("slack: 'functions/slack.ts'");
});

test('who may press has to be said', () => {
  const pattern = new RegExp(`^(?:${template.Parameters.SlackUsers?.AllowedPattern})$`);
  expect(template.Parameters.SlackUsers?.Default).toBeUndefined();
  expect([GIVEN.SlackUsers, '', '@ann', 'U1,'].map((users) => pattern.test(users))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('Slack reaches it by its URL, and nobody in another way', () => {
  const open = Object.values(stack().resources).filter(({ Type }) => Type === 'AWS::Lambda::Permission');
  expect(
    open.map(({ Properties: { Action, FunctionUrlAuthType, InvokedViaFunctionUrl } }) => [
      Action,
      FunctionUrlAuthType ?? InvokedViaFunctionUrl,
    ]),
  ).toEqual([
    ['lambda:InvokeFunctionUrl', 'NONE'],
    ['lambda:InvokeFunction', true],
  ]);
});
