import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readTemplate } from './read-template.ts';
import { resolveStack } from './resolve.ts';
import { grantsOf, resourcesOf } from './stack.ts';

/** infra/reader-stack.yml: what shows reports to whoever has a link. test/handlers/reader.test.ts compares its grants with what it asks. */
const template = readTemplate('infra/reader-stack.yml');
const GIVEN = {
  CodeBucket: 'code',
  ReportsBucket: 'watchdog-reports-1',
  LinkKeyParameter: '/watchdog/secrets/report-links',
};
const stack = () => resolveStack(template, GIVEN);
const propertiesOf = (name: string) => stack().resources[name]?.Properties ?? {};

test('its role reads the one bucket and the one key; neither state nor targets nor clusters', () => {
  expect(grantsOf(template)).toEqual({
    WriteItsLog: [null, 'logs:CreateLogStream', 'logs:PutLogEvents'],
    ReadReports: [null, 's3:GetObject'],
    ReadTheKeyOfLinks: [null, 'ssm:GetParameter'],
    UseTheKey: ['HasKmsKey', 'kms:Decrypt'],
    DecryptTheKeyOfLinks: ['HasDecryptKey', 'kms:Decrypt'],
  });
  expect(resourcesOf(propertiesOf('Role')).slice(1)).toEqual([
    'arn:aws:s3:::watchdog-reports-1/*',
    'arn:aws:ssm:eu-west-1:123456789012:parameter/watchdog/secrets/report-links',
  ]);
});

test('the function is told where reports and key lie, by names that the code reads', () => {
  const { Environment, Handler } = propertiesOf('Function') as {
    readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
    readonly Handler: string;
  };
  expect(Environment.Variables).toEqual({
    WATCHDOG_REPORTS: 's3:watchdog-reports-1',
    WATCHDOG_REPORTS_KEY: 'ssm:/watchdog/secrets/report-links',
  });
  const code = readFileSync('functions/wiring/settings.ts', 'utf8');
  for (const name of Object.keys(Environment.Variables)) expect(code).toContain(`env.${name}`);
  expect(Handler).toBe('dist/reader.handler');
  expect(readFileSync('infra/build.mjs', 'utf8')).toContain("reader: 'functions/reader.ts'");
});

test('people reach it by its URL, and nobody in another way', () => {
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
