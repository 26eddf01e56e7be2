import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolderReports } from '../../../functions/adapters/local/folder-reports.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-reports-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a page is kept in a folder that is made for it, and replaced as a whole', async () => {
  const inside = join(folder, 'new', 'reports');
  const { put } = createFolderReports(inside);
  await put('a.html', 'first');
  await put('a.html', 'second');
  expect(readdirSync(inside)).toEqual(['a.html']);
  expect(readFileSync(join(inside, 'a.html'), 'utf8')).toBe('second');
});

test('no name leads out of the folder', async () => {
  const { pathOf } = createFolderReports(folder);
  for (const name of ['../x.html', '/etc/x.html', '..', 'a/b\u0000.html'])
    expect(pathOf(name).slice(0, folder.length + 1)).toBe(`${folder}/`);
});
