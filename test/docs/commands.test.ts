import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { type Command, CommanderError } from 'commander';
import { VERBS } from '../../functions/verbs/all.ts';
import { files, textOf } from '../architecture/tree.ts';
import { wholeProgram } from '../support/whole-program.ts';

const pages = files.filter((file) => file.endsWith('.md') && !file.startsWith('test/'));

/** What a reader would copy: the shell blocks of a page. */
const blocks = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^ *```(?:bash|sh)\n([\s\S]*?)^ *```/gm)].map(([, text = '']) => ({
    page,
    text,
  })),
);

/** The words after `scheduler-watchdog` in each command of a text, up to what the shell keeps for itself. */
function commandsIn(text: string): readonly (readonly string[])[] {
  return [
    ...text.replaceAll('\\\n', ' ').matchAll(/^(?:[\w=$]+ )*(?:npx |\$ )*scheduler-watchdog (.*)$/gm),
  ].map(([, rest = '']) => {
    const words = rest.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
    const end = words.findIndex((word) => /^(#.*|[|&;<>]+.*|\d?>.*)$/.test(word));
    return (end < 0 ? words : words.slice(0, end)).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  });
}

/** Every verb with its real options, doing nothing. */
async function idleProgram(): Promise<Command> {
  const program = await wholeProgram();
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    if (command.commands.length === 0) command.action(() => {});
  }
  return program;
}

const everyCommand = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(everyCommand),
];

/** Why the command line would refuse these words; null where it takes them. */
async function refusalOf(words: readonly string[]): Promise<string | null> {
  const program = await idleProgram();
  try {
    program.parse(words, { from: 'user' });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? null : error.message;
  }
}

test('every command of ours that a page shows is one that the command line takes', async () => {
  const shown = blocks.flatMap(({ page, text }) => commandsIn(text).map((words) => ({ page, words })));
  expect(shown.length).toBeGreaterThan(10);
  const refused: string[] = [];
  for (const { page, words } of shown) {
    const why = await refusalOf(words);
    if (why !== null) refused.push(`${page}: ${words.join(' ')}: ${why}`);
  }
  expect(refused).toEqual([]);
});

test('every example below a --help is one, too', async () => {
  const helps = everyCommand(await idleProgram()).map((command) => {
    const said: string[] = [];
    command.configureOutput({ writeOut: (text) => said.push(text) }).outputHelp();
    return { of: command.name(), said: said.join('') };
  });
  const shown = helps.flatMap(({ of, said }) =>
    commandsIn(said.replaceAll(/^ +/gm, '')).map((words) => ({ of, words })),
  );
  expect(shown.length).toBeGreaterThan(20);
  const refusals = await Promise.all(shown.map(({ words }) => refusalOf(words)));
  expect(refusals.filter((why) => why !== null)).toEqual([]);
});

test('the list of verbs shows the arguments that each really takes', async () => {
  const { commands } = await wholeProgram();
  const real = commands.map((command) => ({
    name: command.name(),
    takes: command
      .usage()
      .replaceAll(/\[(options|command)\]/g, '')
      .trim(),
  }));
  expect(VERBS.map(({ name, takes }) => ({ name, takes }))).toEqual(real);
});

test.each([
  ['an unknown verb', ['chekc']],
  ['an unknown option', ['check', '--nonsense']],
  ['a missing option', ['pause', 'prod', '--for', '1h']],
  ['a missing argument', ['drill']],
  ['a wrong value', ['watch', '--every', '1s']],
])('%s would be noticed', async (_, words) => expect(await refusalOf(words)).not.toBeNull());

test('every shell block is one that a shell can read', () => {
  const broken = blocks.flatMap(({ page, text }) => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    return status === 0 ? [] : [`${page}: ${stderr}`];
  });
  expect(broken).toEqual([]);
});

test('every npm script that a page or a message names is there', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: object };
  const named = files
    .filter((file) => /\.(md|ts|mjs|ya?ml)$|Dockerfile$/.test(file))
    .flatMap((file) =>
      [...textOf(file).matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => ({ file, name })),
    );
  expect(named.filter(({ name }) => !Object.hasOwn(scripts, name))).toEqual([]);
});
