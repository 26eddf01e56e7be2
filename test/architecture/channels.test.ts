import { expect, test } from '@jest/globals';
import { CHANNEL_TYPES } from '../../functions/config/channel-schema.ts';
import { files, sources, textOf } from './tree.ts';

const LISTS = ['functions/adapters/alerts/kinds.ts', 'functions/config/channels/kinds.ts'];

/** What a vendor calls, in place of being called: an entry and its wiring, which no other channel passes through. */
const CALLED = ['functions/slack.ts', 'functions/wiring/slack.ts'];

/** Files that know a kind by name: in quotes, as a key, or in the path of an import. */
function knowing(kind: string): string[] {
  const name = new RegExp(`'${kind}'|^\\s*${kind}: |[./]${kind}/|[/]${kind}\\.ts'`, 'm');
  // What belongs to another kind cannot import this one; it may have words in common, such as a key "webhook".
  const own = (file: string) =>
    /^functions\/(adapters\/alerts\/[^/]+|config\/channels)\//.test(file) && !LISTS.includes(file);
  // The demo plays two of the services itself.
  return sources.filter(
    (file) =>
      !own(file) && !CALLED.includes(file) && !file.startsWith('functions/demo/') && name.test(textOf(file)),
  );
}

test.each(CHANNEL_TYPES)(
  '%s is its form, its folder, its stub and a line in each list, and nothing else',
  (kind) => {
    expect(files).toContain(`functions/config/channels/${kind}.ts`);
    expect(files).toContain(`functions/adapters/alerts/${kind}/sender.ts`);
    expect(files).toContain(`test/stubs/${kind}.ts`);
    expect(knowing(kind).sort()).toEqual(LISTS);
  },
);

test('a list has two lines for a kind: where it comes from, and that it is there', () => {
  for (const list of LISTS) {
    const lines = textOf(list).split('\n');
    for (const kind of CHANNEL_TYPES) {
      const count = lines.filter((line) => new RegExp(`\\b${kind}(Form)?\\b`).test(line)).length;
      expect([list, kind, count]).toEqual([list, kind, list.includes('adapters') ? 1 : 2]);
    }
  }
});

test('every folder of senders is a kind', () => {
  const folders = sources.flatMap((file) => /^functions\/adapters\/alerts\/([^/]+)\//.exec(file)?.[1] ?? []);
  expect([...new Set(folders)].sort()).toEqual([...CHANNEL_TYPES].sort());
});
