import { expect, test } from '@jest/globals';
import { CAUSES } from '../../functions/core/cause.ts';
import { VERSION } from '../../functions/wiring/version.ts';
import { files, sources, textOf } from './tree.ts';

test('no source file is longer than its room', () => {
  const long = sources
    .map((file) => ({ file, lines: textOf(file).split('\n').length }))
    .filter(({ lines }) => lines > 360);
  expect(long).toEqual([]);
});

test('no file names a path of one machine or the host of a package registry', () => {
  const hosts = ['registry.npmjs', 'pypi.org', 'proxy.golang'].map((host) => host.replace('.', '\\.'));
  // `/proc/1/root/…` is a container's own root.
  const pattern = new RegExp(`(?<![\\w}$])/(work|root)/(?!/)|${hosts.join('|')}`);
  const found = files
    .filter(
      (file) =>
        file !== 'test/architecture/tree.test.ts' && !/package-lock\.json$|\.png$|go\.sum$/.test(file),
    )
    .flatMap((file) => {
      const match = pattern.exec(textOf(file));
      return match === null ? [] : [`${file}: ${match[0]}`];
    });
  expect(found).toEqual([]);
});

test('the version is the same wherever it stands', () => {
  expect(JSON.parse(textOf('package.json')).version).toBe(VERSION);
  expect(textOf('CHANGELOG.md')).toContain(`## ${VERSION} `);
});

test('the documentation knows every cause', () => {
  const text = textOf('docs/diagnosis.md');
  expect(CAUSES.filter((cause) => !text.includes(`\`${cause}\``))).toEqual([]);
});
