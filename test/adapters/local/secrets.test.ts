import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createLocalSecrets } from '../../../functions/adapters/local/secrets.ts';
import { WatchdogError } from '../../../functions/core/errors.ts';
import { newFolder } from './folder.ts';

const folder = newFolder();
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return { scheme: 'file' as const, name: join(folder, name) };
};
const secrets = createLocalSecrets({ PLAIN: 's3cret value ', NEWLINE: 'value\n', EMPTY: '', BLANK: ' \n' });

describe('a secret that resolves', () => {
  test.each([
    { name: 'a variable', ref: { scheme: 'env' as const, name: 'PLAIN' }, want: 's3cret value ' },
    { name: 'a variable with a newline', ref: { scheme: 'env' as const, name: 'NEWLINE' }, want: 'value' },
    { name: 'a file', ref: file('plain', 'value'), want: 'value' },
    { name: 'a file with a trailing newline', ref: file('newline', 'value\n'), want: 'value' },
    { name: "a file with Windows' newline", ref: file('crlf', 'value\r\n'), want: 'value' },
    { name: 'a file of several lines', ref: file('lines', '{\n"a": 1\n}\n'), want: '{\n"a": 1\n}' },
  ])('$name', async ({ ref, want }) => {
    expect(await secrets.resolve(ref)).toBe(want);
  });

  test('is read anew each time', async () => {
    const ref = file('rotated', 'old');
    expect(await secrets.resolve(ref)).toBe('old');
    file('rotated', 'new');
    expect(await secrets.resolve(ref)).toBe('new');
  });
});

describe('a secret that does not resolve is WD_SECRET and names the reference', () => {
  mkdirSync(join(folder, 'folder'));
  test.each([
    { ref: { scheme: 'env' as const, name: 'ABSENT' }, why: 'is not set' },
    { ref: { scheme: 'env' as const, name: 'EMPTY' }, why: 'is empty' },
    { ref: { scheme: 'env' as const, name: 'BLANK' }, why: 'is empty' },
    { ref: { scheme: 'file' as const, name: join(folder, 'absent') }, why: 'cannot be read (ENOENT)' },
    { ref: { scheme: 'file' as const, name: join(folder, 'folder') }, why: 'is not a file' },
    { ref: file('empty', '\n'), why: 'is empty' },
    { ref: file('large', 'x'.repeat(70_000)), why: 'is larger than 64 KB' },
    { ref: { scheme: 'ssm' as const, name: '/a/b' }, why: 'needs AWS; this run has no AWS adapter' },
    {
      ref: { scheme: 'secretsmanager' as const, name: 'arn' },
      why: 'needs AWS; this run has no AWS adapter',
    },
  ])('$ref.scheme $why', async ({ ref, why }) => {
    const error = await secrets.resolve(ref).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WatchdogError);
    expect(error).toMatchObject({
      explained: { code: 'WD_SECRET', what: `The secret ${ref.scheme}:${ref.name} ${why}` },
    });
  });
});
