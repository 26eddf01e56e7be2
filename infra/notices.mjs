import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licences of everything that is bundled, as their authors ask for, one part per package. */
export function noticesOf(/** @type {readonly string[]} */ inputs, /** @type {string} */ root) {
  const folders = new Set(
    inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  const parts = [...folders].sort().map((folder) => partOf(join(root, folder)));
  const head = 'scheduler-watchdog is bundled with the packages below. Each stands under its own licence.\n';
  return [head, ...parts].join(`\n${'='.repeat(80)}\n`);
}

function partOf(/** @type {string} */ folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const [file] = globSync('{LICEN[CS]E,licen[cs]e,COPYING}{,.*,-*}', { cwd: folder });
  const text =
    file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';
  return `${name} ${version} (${license ?? 'see its text'})\n\n${text.trim()}\n`;
}
