import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** By the name of the SDK's package; the same as in ARNs, but for one. */
const PREFIXES: Readonly<Record<string, string>> = { 'secrets-manager': 'secretsmanager' };

/** Texts of all TypeScript files below a folder. */
export const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));

/** IAM actions of all SDK commands that are made anywhere. */
export function sendable(): readonly string[] {
  const actions = sources('functions').flatMap((text) => {
    const packages = [...text.matchAll(/['"]@aws-sdk\/client-([a-z0-9-]+)['"]/g)].map(
      ([, name = '']) => name,
    );
    const commands = [...text.matchAll(/new ([A-Z]\w+)Command\(/g)].map(([, name = '']) => name);
    if (commands.length === 0) return [];
    return commands.map((command) => {
      const owner = packages.find((name) =>
        readFileSync(typings(name), 'utf8').includes(`"./${command}Command"`),
      );
      if (owner === undefined)
        throw new Error(`no SDK package of ${packages.join(', ')} has ${command}Command`);
      return `${PREFIXES[owner] ?? owner}:${command}`;
    });
  });
  return [...new Set(actions)].sort();
}

const typings = (name: string) =>
  join(root, `node_modules/@aws-sdk/client-${name}/dist-types/commands/index.d.ts`);
