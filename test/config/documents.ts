import { readdirSync, readFileSync } from 'node:fs';
import { isBad } from '../../functions/config/parse.ts';
import { parseChannelFile, parseTarget } from '../../functions/config/parse-text.ts';
import type { BadDocument, Target } from '../../functions/core/target.ts';

export const FIXTURES = new URL('../fixtures/config/', import.meta.url);
export const EXAMPLES = new URL('../../docs/examples/', import.meta.url);

export const badFiles = () => readdirSync(FIXTURES).filter((name) => /^bad-.*\.(yaml|json)$/.test(name));

export const originOf = (name: string) => ({
  format: name.endsWith('.json') ? ('json' as const) : ('yaml' as const),
  source: name,
  defaultId: name.replace(/\..*$/, ''),
});

/** What is wrong with a fixture; fails when nothing is. */
export function badOf(name: string): BadDocument {
  const text = readFileSync(new URL(name, FIXTURES), 'utf8');
  const bad = /^bad-channels\./.test(name)
    ? parseChannelFile(text, originOf(name)).bad
    : parseTarget(text, originOf(name));
  if (bad === null || !isBad(bad)) throw new Error(`${name} was accepted`);
  return bad;
}

/** A target that must be valid. */
export function targetFrom(text: string, name = 'prod.yaml'): Target {
  const parsed = parseTarget(text, originOf(name));
  if (isBad(parsed)) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}
