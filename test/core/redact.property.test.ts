import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quote } from '../../functions/core/redact.ts';

/** What a terminal, a log or a chat would act on instead of showing. */
const ACTIVE = /[\p{Cc}\p{Bidi_Control}\p{Surrogate}]/u;
const control = fc.constantFrom(
  ...[
    '\u0000',
    '\u0007',
    '\b',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u009b',
    '\u009d',
    '\u202e',
    '\u2066',
    '\u200f',
  ],
  ...[
    '\u061c',
    '\ud800',
    '\udfff',
    '\u001b[2J',
    '\u001b]0;title\u0007',
    '\u009b31m',
    '\u001b]8;;http://x\u001b\\',
  ],
);
const hostile = fc
  .array(fc.oneof(control, fc.string({ unit: 'binary' }), fc.string()), { maxLength: 12 })
  .map((parts) => parts.join(''));

test('nothing that a terminal acts on survives a quote, whatever was sent', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 300 }), (text, maxChars) => {
      const said = quote(text, maxChars);
      expect(said).not.toMatch(ACTIVE);
      expect(said.length).toBeLessThanOrEqual(maxChars);
      expect(quote(said, maxChars)).toBe(said);
    }),
  );
});

test('controls between its letters do not carry a secret past the redaction', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{8,40}$/), control, hostile, (secret, between, around) => {
      expect(quote(`${around} ${[...secret].join(between)} ${around}`, 2_000, [secret])).not.toContain(
        secret,
      );
    }),
  );
});

test.each([
  { name: 'colours', text: '\u001b[1;31mOOMKilled\u001b[0m', want: 'OOMKilled' },
  { name: 'a colour by C1', text: '\u009b31mOOMKilled', want: 'OOMKilled' },
  { name: 'a window title, ended by a bell', text: 'a\u001b]0;owned\u0007b', want: 'ab' },
  {
    name: 'a link, ended by a string terminator',
    text: '\u001b]8;;http://evil\u001b\\here\u001b]8;;\u001b\\',
    want: 'here',
  },
  { name: 'a sequence that never ends', text: 'a\u001b]0;owned', want: 'a]0;owned' },
  { name: 'a charset switch', text: 'a\u001b(0b', want: 'ab' },
  { name: 'backspaces', text: 'healthy\b\b\b\b\b\b\bdead', want: 'healthydead' },
  { name: 'an override of direction', text: 'airflow-\u202erekcah', want: 'airflow-rekcah' },
  { name: 'line ends of all kinds are one space', text: 'a\r\n\tb\u2028c', want: 'a b c' },
  { name: 'letters of every script stay', text: 'Zażółć 調度器 🛑 مجدول', want: 'Zażółć 調度器 🛑 مجدول' },
  { name: 'a pair is not cut in half', text: '🛑🛑🛑', max: 4, want: '🛑…' },
  {
    name: 'a password that holds a control',
    text: 'bad hun\u0007ter2hunter',
    secrets: ['hun\u0007ter2hunter'],
    want: 'bad <secret>',
  },
])('$name', ({ text, want, max, secrets }) => {
  expect(quote(text, max, secrets)).toBe(want);
});
