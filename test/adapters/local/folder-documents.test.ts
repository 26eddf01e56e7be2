import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createFileTargets } from '../../../functions/adapters/local/file-targets.ts';
import { createFolderDocuments } from '../../../functions/adapters/local/folder-documents.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-documents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, text?: string) => {
  if (text !== undefined) writeFileSync(join(folder, name), text);
  return readFileSync(join(folder, name), 'utf8');
};
const documents = () => createFolderDocuments(folder);
const TARGET = {
  cluster: { eks: 'prod', region: 'eu-west-1' },
  namespace: 'airflow',
  health: { podPort: 8974 },
};

test('a folder is read as SSM would hold it: a document each, literal secrets to be encrypted', async () => {
  file('prod.yaml', '# why\n$schema: x\nid: prod-eu\nnamespace: airflow\n');
  file('dev.json', '{"namespace":"dev"}');
  file(
    'channels.yaml',
    'channels:\n  a: { type: slack, webhook: "https://hooks.slack.com/x" }\n  b: { type: slack, webhook: "env:B" }\n',
  );
  expect(await documents().list()).toEqual([
    { name: 'channels/a', text: '{"type":"slack","webhook":"https://hooks.slack.com/x"}', secret: true },
    { name: 'channels/b', text: '{"type":"slack","webhook":"env:B"}', secret: false },
    { name: 'targets/dev', text: '{"namespace":"dev"}', secret: false },
    { name: 'targets/prod-eu', text: '{"namespace":"airflow"}', secret: false },
  ]);
});

test.each([
  {
    name: 'a literal webhook',
    channel: '{ type: slack, webhook: "https://hooks.slack.com/x" }',
    secret: true,
  },
  {
    name: 'a literal key',
    channel: '{ type: pagerduty, routingKey: 0123456789abcdef0123456789abcdef }',
    secret: true,
  },
  {
    name: 'a key that no type knows yet',
    channel: '{ type: webhook, url: "https://a.example", secret: letmein }',
    secret: true,
  },
  {
    name: 'a token in the wrong place',
    channel: '{ type: slack, webhook: "env:A", botToken: xoxb-1 }',
    secret: true,
  },
  {
    name: 'a secret deep in a map or a list',
    channel: '{ type: webhook, headers: [{ authorization: x }] }',
    secret: true,
  },
  { name: 'references alone', channel: '{ type: slack, webhook: "ssm:/hook" }', secret: false },
])('$name is to be encrypted: $secret', async ({ channel, secret }) => {
  file('channels.yaml', `channels:\n  a: ${channel}\n`);
  expect((await documents().list()).map((one) => one.secret)).toEqual([secret]);
});

test('a folder that is not there yet is empty, and is made by the first document', async () => {
  const store = createFolderDocuments(join(folder, 'new'));
  expect(await store.list()).toEqual([]);
  await store.put({ name: 'targets/prod', text: JSON.stringify(TARGET), secret: false });
  await store.put({ name: 'channels/oncall', text: '{"type":"slack","webhook":"env:A"}', secret: true });
  const list = await createFileTargets(join(folder, 'new')).load();
  expect([list.targets.map(({ id }) => id), list.channels.map(({ name }) => name), list.bad]).toEqual([
    ['prod'],
    ['oncall'],
    [],
  ]);
  expect(statSync(join(folder, 'new/channels.yaml')).mode & 0o077).toBe(0);
});

test('a changed document goes to the file that has it, and its neighbours stay', async () => {
  file('main.json', '{"id":"prod","namespace":"old"}');
  file(
    'alerts.yaml',
    'channels:\n  a: { type: slack, webhook: "env:A" }\n  b: { type: slack, webhook: "env:B" }\n',
  );
  await documents().put({ name: 'targets/prod', text: '{"namespace":"new"}', secret: false });
  await documents().put({ name: 'channels/b', text: '{"type":"slack","webhook":"env:C"}', secret: false });
  await documents().put({ name: 'channels/c', text: '{"type":"slack","webhook":"env:D"}', secret: false });
  expect(readdirSync(folder)).toEqual(['alerts.yaml', 'main.json']);
  expect(JSON.parse(file('main.json'))).toEqual({ id: 'prod', namespace: 'new' });
  expect(file('alerts.yaml')).toMatch(/a:[\s\S]*env:A[\s\S]*b:[\s\S]*env:C[\s\S]*c:[\s\S]*env:D/);
});

test('removing takes the file of a target and the entry of a channel', async () => {
  file('prod.yaml', 'namespace: airflow\n');
  file(
    'channels.yaml',
    'channels:\n  a: { type: slack, webhook: "env:A" }\n  b: { type: slack, webhook: "env:B" }\n',
  );
  for (const name of ['targets/prod', 'channels/a', 'targets/unknown']) await documents().remove(name);
  expect((await documents().list()).map(({ name }) => name)).toEqual(['channels/b']);
  await documents().remove('channels/b');
  expect(readdirSync(folder)).toEqual([]);
});

test('a broken file is never replaced', async () => {
  file('prod.yaml', 'namespace: [airflow\n');
  await expect(documents().list()).rejects.toThrow(
    /WD_TARGET_INVALID: .*prod\.yaml cannot be read as a document/,
  );
});

test.each([
  {
    name: 'a name that leads out of the folder',
    document: 'targets/../../evil',
    text: '{}',
    what: 'its name',
  },
  { name: 'a text that is no JSON', document: 'targets/a', text: 'x: [', what: 'its text' },
  { name: 'a text that is no object', document: 'channels/a', text: '[1]', what: 'its text' },
])('$name is refused and nothing is written', async ({ document, text, what }) => {
  mkdirSync(join(folder, 'deep'));
  const store = createFolderDocuments(join(folder, 'deep'));
  await expect(store.put({ name: document, text, secret: false })).rejects.toThrow(
    `cannot become a file: ${what}`,
  );
  expect(readdirSync(folder, { recursive: true })).toEqual(['deep']);
});
