import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './table.ts';

/** A copy of the program with the same packages; modules are kept by their path, so each copy has one of its own. */
export function copyOf(project: string): { readonly root: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-mutant-'));
  const root = join(folder, 'functions');
  cpSync(join(project, 'functions'), root, { recursive: true });
  for (const beside of ['package.json', 'jest.config.js', 'test'])
    cpSync(join(project, beside), join(folder, beside), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  return { root, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Plants the bug. A text that is not there exactly once is a mutant that has to be written anew. */
export function plant(root: string, { id, file, text, replacement }: Mutant): void {
  const path = join(root, file);
  const parts = readFileSync(path, 'utf8').split(text);
  if (parts.length !== 2)
    throw new Error(
      `mutant "${id}": its text occurs ${parts.length - 1} times in ${file}, not once; write it anew`,
    );
  writeFileSync(path, parts.join(replacement));
}
