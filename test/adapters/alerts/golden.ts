import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';

/** Compares with the file of that name in test/golden/alerts. Only UPDATE_GOLDEN=1 writes; a missing file fails. */
export function expectGolden(name: string, actual: string): void {
  const file = new URL(`../../golden/alerts/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, actual);
  if (!existsSync(file))
    throw new Error(`golden file ${name} is missing: UPDATE_GOLDEN=1 npm test writes it`);
  expect(actual).toBe(readFileSync(file, 'utf8'));
}

export function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
