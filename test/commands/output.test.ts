import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createOutput, isColored } from '../../functions/commands/output.ts';
import { plainText } from '../../functions/commands/plain-text.ts';

function terminal(options: { readonly json?: boolean; readonly colored?: boolean } = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const output = createOutput({
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    json: false,
    colored: true,
    mark: () => '99001',
    ...options,
  });
  return { out, err, output };
}

test.each([
  { name: 'a color', text: 'a\u001b[31mb\u001b[0m', want: 'ab' },
  { name: 'a cleared screen', text: '\u001b[2J\u001b[Hgone', want: 'gone' },
  { name: 'a color by C1', text: 'a\u009b31mb', want: 'ab' },
  { name: 'a title', text: '\u001b]0;evil\u0007pod', want: 'pod' },
  { name: 'a link', text: '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\', want: 'here' },
  { name: 'a title by C1', text: '\u009d0;evil\u009cpod', want: 'pod' },
  { name: 'a device string', text: '\u001bP1$r0m\u001b\\pod', want: 'pod' },
  { name: 'a sequence without an end hides nothing', text: '\u001b]0;the rest', want: '0;the rest' },
  { name: 'a reset of the terminal', text: '\u001bcpod', want: 'pod' },
  { name: 'an escape alone', text: 'pod\u001b', want: 'pod' },
  { name: 'a carriage return that writes over', text: 'removed\rhealthy', want: 'removedhealthy' },
  { name: 'a backspace', text: 'no\b\bok', want: 'nook' },
  { name: 'a NUL, a bell, a DEL', text: 'a\u0000b\u0007c\u007f', want: 'abc' },
  { name: 'a turned direction', text: 'pod-\u202ekcis\u202c\u2066\u200f', want: 'pod-kcis' },
  { name: 'half an emoji', text: 'a\ud83d', want: 'a\ufffd' },
  { name: 'lines, tabs and every script stay', text: 'a\tb\nü 漢字 🙂', want: 'a\tb\nü 漢字 🙂' },
])('$name', ({ text, want }) => {
  expect(plainText(text)).toBe(want);
  const { out, err, output } = terminal();
  output.write(text);
  output.note(text);
  expect([out, err]).toEqual([[want], [want]]);
});

test('our own styles stay, around what is cleaned', () => {
  const { out, output } = terminal();
  output.write(`${output.style('red', 'dead\u001b[0m')} \u001b[5mblink`);
  expect(out).toEqual(['\u001b[31mdead\u001b[39m blink']);
});

test('without colors there is no sequence at all', () => {
  const { out, output } = terminal({ colored: false });
  output.write(output.adopt(`${output.style('red', 'dead')} \u001b[32mwell\u001b[39m`));
  expect(out).toEqual(['dead well']);
});

test('a line that another part has painted keeps its colors, and nothing else', () => {
  const { out, output } = terminal();
  output.write(output.adopt('\u001b[36mpod\u001b[39m\u001b[2J\u001b]0;x\u0007'));
  expect(out).toEqual(['\u001b[36mpod\u001b[39m']);
});

test('in JSON they are escapes that mean the same', () => {
  const { out, output } = terminal({ json: true });
  const value = { why: 'a\u009b31m\u007f\u202e\u2028\u001b[2J' };
  output.write(JSON.stringify(value));
  expect(out[0]).toMatch(/^[ -~]+$/);
  expect(JSON.parse(out[0] ?? '')).toEqual(value);
});

test('whatever is printed for people, nothing is left that a terminal obeys', () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '[',
      ']',
      '7',
      '7123',
      ';',
      '31',
      'm',
      '\\',
      '\u0007',
      '\u009b',
      '\u202e',
      'é',
      '\n',
      '\r',
    ),
  });
  fc.assert(
    fc.property(nasty, nasty, (one, other) => {
      const { out, output } = terminal();
      output.write(one + output.style('bold', 'pod') + other);
      const rest = (out[0] ?? '').replace('\u001b[1mpod\u001b[22m', 'pod');
      expect(rest).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e]/u);
    }),
  );
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '' }, false, false],
])('with %p and a terminal: %p, colors are %p', (env, isTerminal, expected) => {
  expect(isColored(env, isTerminal)).toBe(expected);
});
