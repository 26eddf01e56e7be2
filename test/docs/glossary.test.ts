import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const rows = readFileSync('docs/glossary.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| **'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, word = '', meaning = '', not = '']) => ({
    word: word.replaceAll('*', ''),
    meaning,
    not: not.split(', ').filter((one) => one !== ''),
  }));

test('every word of the glossary has one row and a meaning', () => {
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter(({ meaning }) => meaning === '')).toEqual([]);
  const words = rows.map(({ word }) => word);
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
});

test('no word is to be avoided for itself', () => {
  expect(rows.filter(({ word, not }) => not.includes(word))).toEqual([]);
});
