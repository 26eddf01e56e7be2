import { expect, test } from '@jest/globals';
import { copyDocuments } from '../../functions/commands/copy-documents.ts';
import type { StoredDocument } from '../../functions/ports.ts';
import { memoryDocuments } from '../fakes/documents.ts';
import { recordedOutput } from '../fakes/output.ts';
import { expectGolden } from './golden.ts';

const PLACE = 'ssm:/scheduler-watchdog';
const LIMITS = { freeBytes: 300, mostBytes: 600 };
const document = (name: string, value: object, secret = false): StoredDocument => ({
  name,
  text: JSON.stringify(value),
  secret,
});
const WEBHOOK = 'https://hooks.slack.com/services/T000/B000/first';
const HERE = [
  document('channels/oncall', { type: 'slack', webhook: WEBHOOK.replace('first', 'second') }, true),
  document('channels/pager', { type: 'pagerduty', routingKey: 'ssm:/scheduler-watchdog/secrets/pager' }),
  document('targets/prod', { namespace: 'airflow', policy: { failures: 4, mode: 'remediate' } }),
  document('targets/same', { namespace: 'a', policy: {} }),
  document('targets/large', { namespace: 'airflow', note: 'x'.repeat(300) }),
];
const THERE = [
  document('channels/oncall', { type: 'slack', webhook: WEBHOOK }, true),
  document('targets/prod', { namespace: 'airflow', policy: { mode: 'watch', failures: 4 } }),
  document('targets/same', { policy: {}, namespace: 'a' }),
  document('targets/by-hand', {
    namespace: 'other',
    health: { url: 'https://ann:letmein@airflow.example.com' },
  }),
];

function scene(more: Partial<Parameters<typeof copyDocuments>[0]> = {}, json = false) {
  const there = memoryDocuments(PLACE, THERE, LIMITS);
  const said = recordedOutput(json ? 'targets-push' : null);
  const options = {
    from: memoryDocuments('./targets', HERE).store,
    to: there.store,
    place: PLACE,
    prune: false,
    yes: false,
    confirm: null,
    ...more,
  };
  return { there, said, run: () => copyDocuments(options, said.output) };
}

test('a push shows what it will do and then does exactly that', async () => {
  const { there, said, run } = scene({ yes: true });
  expect(await run()).toBe(0);
  expect(there.done).toEqual([
    'put channels/oncall',
    'put channels/pager',
    'put targets/large',
    'put targets/prod',
  ]);
  expect(there.held.has('targets/by-hand')).toBe(true);
  expectGolden('targets-push.txt', said.text());
});

test('with --prune what is only there goes last', async () => {
  const { there, run } = scene({ yes: true, prune: true });
  expect(await run()).toBe(0);
  expect(there.done.at(-1)).toBe('remove targets/by-hand');
});

test('no text and no JSON line holds a secret', async () => {
  for (const json of [false, true]) {
    const { said, run } = scene({ yes: true, prune: true }, json);
    await run();
    expect([...said.out, ...said.err].join('\n')).not.toMatch(/services\/T000|letmein/);
    expect([...said.out].join('\n')).toContain('hidden, another value');
  }
});

test('without anybody to ask and without --yes nothing is written', async () => {
  const { there, run } = scene();
  await expect(run()).rejects.toThrow('WD_USAGE: 4 document(s) of ssm:/scheduler-watchdog would be changed');
  expect(there.done).toEqual([]);
});

test('a no writes nothing, a yes writes', async () => {
  const refused = scene({ confirm: async () => false });
  expect(await refused.run()).toBe(2);
  expect(refused.there.done).toEqual([]);
  const accepted = scene({ confirm: async () => true });
  expect(await accepted.run()).toBe(0);
  expect(accepted.there.done).toHaveLength(4);
});

test('what changed between the question and the yes is not overwritten', async () => {
  const { there, run } = scene({
    async confirm() {
      there.held.set('targets/prod', document('targets/prod', { namespace: 'moved' }));
      return true;
    },
  });
  await expect(run()).rejects.toThrow('WD_TARGETS_CHANGED');
  expect(there.done).toEqual([]);
});

test('one document that is too large stops the push before anything is written', async () => {
  const from = memoryDocuments('./targets', [...HERE, document('targets/huge', { note: 'x'.repeat(700) })]);
  const { there, run } = scene({ from: from.store, yes: true });
  await expect(run()).rejects.toThrow(
    /takes 600 bytes: ssm:\/scheduler-watchdog\/targets\/huge \(711 bytes\)/,
  );
  expect(there.done).toEqual([]);
});

test('an empty side is no reason to empty the other', async () => {
  const { there, run } = scene({ from: memoryDocuments('./targets').store, yes: true, prune: true });
  await expect(run()).rejects.toThrow('WD_TARGETS_EMPTY: there is no document to copy');
  expect(there.done).toEqual([]);
});

test('a place that says the same already is not written', async () => {
  const { there, said, run } = scene({ from: memoryDocuments('./targets', THERE).store }, true);
  expect(await run()).toBe(0);
  expect(there.done).toEqual([]);
  expect(said.lines().at(-1)).toEqual({ place: PLACE, written: 0, removed: 0 });
});
