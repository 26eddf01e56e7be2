import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { olderNode } from './stack.ts';

/** `npm run package`, as people run it. */
const root = join(import.meta.dirname, '../..');
const folder = join(root, '.package');
const zip = join(folder, 'scheduler-watchdog.zip');
const script = join(root, 'infra/package.mjs');
let packed: string;

const pack = () => execFileSync(process.execPath, [script], { stdio: 'pipe' });
const hash = () => createHash('sha256').update(readFileSync(zip)).digest('hex');
/** Names in the zip's central directory (PKWARE's APPNOTE, 4.3.12). */
function listing(): readonly string[] {
  const bytes = readFileSync(zip);
  const names: string[] = [];
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 46))
    names.push(bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)));
  return names;
}

beforeAll(() => {
  pack();
  packed = hash();
}, 60_000);

test('the same input gives the same zip', () => {
  pack();
  expect(hash()).toBe(packed);
}, 60_000);

test('the zip holds the handler, its chunks, and no source map', () => {
  const files = listing();
  expect(files).toContain('dist/check.mjs');
  expect(files.filter((file) => !/^dist\/(chunks\/)?[\w.-]+\.mjs$/.test(file))).toEqual([]);
  expect(existsSync(join(root, 'dist/check.mjs.map'))).toBe(true);
});

test('the template is small enough to stand inline in another one, as for StackSets', () => {
  expect(readFileSync(join(folder, 'template.json')).length).toBeLessThanOrEqual(32 * 1024);
});

describe('every Node from 20 on', () => {
  const node = olderNode();
  const withOlder = node === null ? test.skip : test;
  const run = (...args: readonly string[]) =>
    spawnSync(node ?? process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, PATH: '/usr/bin:/bin', NO_COLOR: '1' },
    });

  withOlder(
    `packs the same (${node ?? 'there is no older one here'})`,
    () => {
      rmSync(folder, { recursive: true });
      const { status, stdout } = run(script);
      expect([status, stdout]).toEqual([0, expect.stringContaining(packed)]);
      expect(hash()).toBe(packed);
    },
    60_000,
  );

  withOlder(
    'builds, and says what it has built',
    () => {
      const { status, stdout } = run(join(root, 'infra/build.mjs'));
      expect([status, stdout]).toEqual([0, expect.stringMatching(/KB {2}dist\/check\.mjs/)]);
    },
    60_000,
  );

  test('says why when nothing was packed', () => {
    const { status, stdout, stderr } = run(script, '--param', 'Prefx=/a');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/no parameter Prefx[\s\S]*nothing was packed/);
    pack();
  }, 60_000);
});
