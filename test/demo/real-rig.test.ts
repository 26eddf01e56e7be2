import { expect, test } from '@jest/globals';
import { type RealOptions, runReal } from '../../functions/demo/real-rig.ts';

function scene(more: Partial<RealOptions>, missing: string | null = null) {
  const notes: string[] = [];
  const done: string[] = [];
  const rig = {
    missing: () => missing,
    start: async () => {
      done.push('started');
      return 0;
    },
  };
  const options = {
    json: false,
    yes: false,
    confirm: null,
    note: (line: string) => notes.push(line),
    signal: new AbortController().signal,
    ...more,
  };
  return { notes, done, run: () => runReal(options, rig) };
}

test.each([
  { name: 'a yes', more: { confirm: async () => true }, code: 0, done: ['started'] },
  { name: 'a no', more: { confirm: async () => false }, code: 2, done: [] },
  { name: '--yes, where there is nobody to ask', more: { yes: true }, code: 0, done: ['started'] },
])('$name is obeyed, after it is said what is built', async ({ more, code, done }) => {
  const { notes, done: did, run } = scene(more);
  expect(await run()).toBe(code);
  expect(did).toEqual(done);
  expect(notes[0]).toMatch(/downloads and builds Kubernetes/);
});

test('with --yes nobody is asked', async () => {
  const asked: string[] = [];
  const confirm = async (question: string) => asked.push(question) > 0;
  await scene({ yes: true, confirm }).run();
  expect(asked).toEqual([]);
});

test('without a terminal and without --yes it is refused with words, and nothing is started', async () => {
  const { done, run } = scene({});
  await expect(run()).rejects.toMatchObject({
    explained: { code: 'WD_USAGE', run: expect.stringContaining('--yes') },
  });
  expect(done).toEqual([]);
});

test('where it cannot run nobody is asked', async () => {
  const { done, notes, run } = scene({ yes: true }, '--real needs Linux');
  await expect(run()).rejects.toMatchObject({ explained: { code: 'WD_UNSUPPORTED' } });
  expect([...done, ...notes]).toEqual([]);
});
