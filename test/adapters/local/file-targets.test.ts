import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createFileTargets } from '../../../functions/adapters/local/file-targets.ts';
import { describeBadDocument } from '../../../functions/config/describe.ts';
import { folderWith, newFolder } from './folder.ts';

const root = newFolder();
const GOOD = 'namespace: airflow\nhealth: { podPort: 8974 }\n';
const CHANNELS = 'channels:\n  oncall: { type: slack, webhook: env:HOOK }\n';

/** What a load gave, as ids, names and sentences; the folder's own path left out. */
async function load(path: string) {
  const { targets, channels, bad } = await createFileTargets(path).load();
  return {
    targets: targets.map(({ id }) => id),
    channels: channels.map(({ name }) => name),
    bad: bad.map((one) => `${one.id}| ${describeBadDocument(one).replaceAll(`${root}/`, '')}`),
  };
}

describe('a folder', () => {
  test('gives its documents in order, named by their files', async () => {
    const folder = folderWith(root, 'order', {
      'c.yaml': GOOD,
      'a.yml': GOOD,
      'b.json': '{"namespace": "airflow", "health": {"podPort": 8974}}',
      'channels.yaml': CHANNELS,
      'README.md': '# not a document',
      '.hidden.yaml': 'junk: [',
      'deeper/d.yaml': GOOD,
    });
    mkdirSync(join(folder, 'folder.yaml'));
    expect(await load(folder)).toEqual({ targets: ['a', 'b', 'c'], channels: ['oncall'], bad: [] });
  });

  test('that is empty is an empty list', async () => {
    expect(await load(folderWith(root, 'empty', {}))).toEqual({ targets: [], channels: [], bad: [] });
  });

  test('is read anew at each load', async () => {
    const folder = folderWith(root, 'anew', { 'a.yaml': GOOD });
    const source = createFileTargets(folder);
    expect((await source.load()).targets).toHaveLength(1);
    writeFileSync(join(folder, 'b.yaml'), GOOD);
    expect((await source.load()).targets).toHaveLength(2);
  });

  test('with one broken document keeps the others', async () => {
    const folder = folderWith(root, 'broken', {
      'bad.yaml': 'namespace: airflow\n',
      'good.yaml': GOOD,
      'junk.json': '{',
      'large.yaml': `${GOOD}#${'x'.repeat(70_000)}\n`,
      'latin1.yaml': '',
    });
    writeFileSync(join(folder, 'latin1.yaml'), Buffer.from(`# ${'\u00e9'}\n${GOOD}`, 'latin1'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    const file = 'expected a readable file of UTF-8 text, at most 64 KB';
    expect(await load(folder)).toEqual({
      targets: ['good'],
      channels: [],
      bad: [
        'bad| broken/bad.yaml: found neither health nor database; expected at least one of them: without a witness the target could not be judged',
        'junk| broken/junk.json: line 1: found something that is not JSON; expected valid JSON',
        `large| broken/large.yaml: found 69 KB; ${file}`,
        `latin1| broken/latin1.yaml: found bytes that are not UTF-8 text; ${file}`,
        `link| broken/link.yaml: found a file that cannot be read (ENOENT); ${file}`,
        `pipe| broken/pipe.yaml: found something that is not a file; ${file}`,
      ],
    });
  });

  test('may hold links, as a mounted ConfigMap does', async () => {
    const folder = folderWith(root, 'configmap', { '..2026/prod.yaml': GOOD });
    symlinkSync('..2026', join(folder, '..data'));
    symlinkSync('..data/prod.yaml', join(folder, 'prod.yaml'));
    expect((await load(folder)).targets).toEqual(['prod']);
  });

  test('with one id twice has both refused, each naming the other file', async () => {
    const folder = folderWith(root, 'twice', {
      'a.yaml': `id: prod\n${GOOD}`,
      'prod.yaml': GOOD,
      'z.yaml': GOOD,
    });
    expect(await load(folder)).toEqual({
      targets: ['z'],
      channels: [],
      bad: [
        'prod| twice/a.yaml: id: found "prod", which twice/prod.yaml has too; expected a name that no other document has',
        'prod| twice/prod.yaml: id: found "prod", which twice/a.yaml has too; expected a name that no other document has',
      ],
    });
  });

  test('resolves relative paths from itself', async () => {
    const folder = folderWith(root, 'relative', {
      'a.yaml':
        'namespace: airflow\ncluster: { kubeconfig: ./kubeconfig }\ndatabase: { engine: postgres, secret: "file:../db.url" }\n',
      'channels.yaml': 'channels:\n  oncall: { type: slack, webhook: "file:hook" }\n',
    });
    const { targets, channels } = await createFileTargets(folder).load();
    expect(targets[0]).toMatchObject({
      cluster: { path: join(folder, 'kubeconfig') },
      database: { secret: { scheme: 'file', name: join(root, 'db.url') } },
    });
    expect(channels[0]).toMatchObject({
      settings: { webhook: { scheme: 'file', name: join(folder, 'hook') } },
    });
  });
});

describe('channels', () => {
  test('may live in any file that holds nothing else; one bad channel loses no other', async () => {
    const folder = folderWith(root, 'channels', {
      'alerts.yaml': 'channels:\n  a: { type: slack }\n  b: { type: slack, webhook: env:HOOK }\n',
      'channels.json': '{"channels": {"c": {"type": "pagerduty", "routingKey": "env:KEY"}}}',
    });
    expect(await load(folder)).toEqual({
      targets: [],
      channels: ['b', 'c'],
      bad: [
        'channels| channels/alerts.yaml:2:3: channels.a.webhook: found nothing; expected either webhook, or token and channel',
      ],
    });
  });

  test('with one name twice are both refused', async () => {
    const folder = folderWith(root, 'same-name', { 'channels.yaml': CHANNELS, 'more.yaml': CHANNELS });
    const { channels, bad } = await load(folder);
    expect(channels).toEqual([]);
    expect(bad.map((line) => line.split('; ')[0])).toEqual([
      'channels| same-name/channels.yaml: channels.oncall: found "oncall", which same-name/more.yaml has too',
      'channels| same-name/more.yaml: channels.oncall: found "oncall", which same-name/channels.yaml has too',
    ]);
  });

  test('that no file defines are told, and the target is watched all the same', async () => {
    const folder = folderWith(root, 'stranger', {
      'a.yaml': `${GOOD}channels: [oncal]\n`,
      'channels.yaml': CHANNELS,
    });
    expect(await load(folder)).toEqual({
      targets: ['a'],
      channels: ['oncall'],
      bad: [
        'channels| stranger/a.yaml: channels: found "oncal"; expected one of oncall; did you mean oncall?',
      ],
    });
  });

  test('that look missing because their file is broken are told once', async () => {
    const folder = folderWith(root, 'broken-channels', {
      'a.yaml': `${GOOD}channels: [oncall]\n`,
      'channels.yaml': 'channels:\n\toncall: {}\n',
    });
    expect(await load(folder)).toEqual({
      targets: ['a'],
      channels: [],
      bad: ['channels| broken-channels/channels.yaml: line 2: found a tab as indentation; expected spaces'],
    });
  });
});

describe('a single file', () => {
  test('brings the channel file of its folder, and no other target', async () => {
    const folder = folderWith(root, 'single', { 'a.yaml': GOOD, 'b.yaml': GOOD, 'channels.yml': CHANNELS });
    expect(await load(join(folder, 'a.yaml'))).toEqual({ targets: ['a'], channels: ['oncall'], bad: [] });
    expect(await load(join(folder, 'channels.yml'))).toEqual({ targets: [], channels: ['oncall'], bad: [] });
  });

  test('that does not exist is WD_TARGETS_UNREADABLE, as a missing folder is', async () => {
    for (const path of [join(root, 'absent'), join(root, 'absent.yaml')]) {
      await expect(createFileTargets(path).load()).rejects.toMatchObject({
        explained: { code: 'WD_TARGETS_UNREADABLE', what: `The targets in ${path} cannot be read (ENOENT)` },
      });
    }
  });
});
