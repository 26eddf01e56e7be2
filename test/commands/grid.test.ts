import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { grid } from '../../functions/commands/grid.ts';

const HEAD = ['target', 'mode', 'is', 'paused', 'removals left', 'last tick'];
const ROW = [
  'prod-airflow-in-a-long-name',
  'remediate',
  'scheduler dead, airflow-scheduler-5d9c was removed, waiting for proof (prod-airflow-2026-11-23T03-13-00Z)',
  'by ann until 2026-11-23 05:00Z: node upgrade in all zones',
  '1 of 2 per 6h',
  '12s ago',
];
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

test.each([
  { width: 40, isTable: false },
  { width: 80, isTable: true },
  { width: 200, isTable: true },
])('a terminal of $width columns is not exceeded', ({ width, isTable }) => {
  const text = grid([HEAD, ROW], width);
  expect(text.startsWith('╔')).toBe(isTable);
  if (isTable) expect(widest(text)).toBeLessThanOrEqual(width);
  for (const word of ['prod', 'remediate', 'proof', 'upgrade', '12s']) expect(text).toContain(word);
});

test('where there is room, nothing is wrapped; a narrow terminal gets a list that wraps by itself', () => {
  expect(grid([HEAD, ROW], 400).split('\n')).toHaveLength(5);
  expect(grid([HEAD, ROW], 40).split('\n').slice(0, 2)).toEqual([
    'target: prod-airflow-in-a-long-name',
    '  mode: remediate',
  ]);
});

test('without a terminal the columns are as wide as they are told to be at most', () => {
  expect(
    widest(
      grid(
        [
          ['a', 'b'],
          ['x'.repeat(100), 'y '.repeat(50)],
        ],
        null,
        { 1: 20 },
      ),
    ),
  ).toBe(100 + 20 + 7);
});

test('whatever the cells are, a table never exceeds its terminal', () => {
  const cell = fc.stringMatching(/^[a-z ]{0,60}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 20, max: 240 }),
      (rows, width) => {
        const text = grid([['one', 'two', 'three'], ...rows], width);
        if (text.startsWith('╔')) expect(widest(text)).toBeLessThanOrEqual(width);
      },
    ),
  );
});
