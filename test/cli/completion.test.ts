import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';

const bin = resolve(import.meta.dirname, '../../functions/bin.mjs');
const scriptFor = (shell: string) =>
  execFileSync(process.execPath, [bin, 'completion', shell], { encoding: 'utf8' });
let script: string;
beforeAll(() => {
  script = scriptFor('bash');
});

/** What a real bash offers for the last of the words. */
function offered(...words: readonly string[]): readonly string[] {
  const list = ['scheduler-watchdog', ...words].map((word) => `'${word}'`).join(' ');
  const run = `${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length}; _scheduler_watchdog; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', run], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((line) => line !== '');
}

test.each([
  { words: ['ch'], expected: ['check', 'channels'] },
  { words: ['targets', ''], expected: expect.arrayContaining(['list', 'validate', 'push', 'pull']) },
  { words: ['targets', 'v'], expected: ['validate'] },
  { words: ['targets', 'validate', '--j'], expected: ['--json'] },
  { words: ['watch', '--every', '30s', '--li'], expected: ['--listen'] },
  { words: ['history', '--kind', 'rem'], expected: ['removal'] },
  { words: ['check', '--targets', ''], expected: [] },
  { words: ['nonsense', '--'], expected: expect.arrayContaining(['--version']) },
])('bash offers $expected after $words', ({ words, expected }) => {
  expect(offered(...words)).toEqual(expected);
});

test('zsh gets the same by its bridge, fish every command with its description', () => {
  expect(scriptFor('zsh')).toMatch(
    /^autoload -U \+X compinit && compinit\nautoload -U \+X bashcompinit && bashcompinit\n_scheduler_watchdog/,
  );
  const fish = scriptFor('fish').trimEnd().split('\n');
  expect(
    fish.filter(
      (line) =>
        !/^complete -c scheduler-watchdog( -f)?( -n '[^']+')? (-a|-l) [\w-]+( -x -a '[^']*')? -d '([^'\\]|\\.)*'$/.test(
          line,
        ),
    ),
  ).toEqual([]);
  expect(fish).toContainEqual(
    expect.stringContaining(
      " -n '__fish_seen_subcommand_from targets; and not __fish_seen_subcommand_from list validate push pull' -a validate",
    ),
  );
});

test('another shell is refused with those there are', () => {
  const said = spawnSync(process.execPath, [bin, 'completion', 'tcsh'], { encoding: 'utf8' });
  expect(said).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Allowed choices are bash, zsh, fish'),
  });
});
