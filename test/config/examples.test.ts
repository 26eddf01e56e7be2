import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  channelsJsonSchema,
  outputJsonSchema,
  targetJsonSchema,
} from '../../functions/config/json-schema.ts';
import { isBad } from '../../functions/config/parse.ts';
import { parseChannelFile, parseTarget } from '../../functions/config/parse-text.ts';
import { DEFAULT_POLICY } from '../../functions/core/policy.ts';
import { POLICY_DOCS } from '../../functions/core/policy-docs.ts';
import { EXAMPLES, originOf, targetFrom } from './documents.ts';

const read = (name: string) => readFileSync(new URL(name, EXAMPLES), 'utf8');
const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));

describe('examples', () => {
  test('are these', () =>
    expect(examples).toEqual(['channels.yaml', 'full.yaml', 'minimal.yaml', 'url-only.yaml']));

  test.each(examples)('%s parses and names its schema', (name) => {
    const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(read(name))?.[1] ?? '';
    expect(JSON.parse(read(schema)).$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    if (name === 'channels.yaml') expect(parseChannelFile(read(name), originOf(name)).bad).toBeNull();
    else expect(isBad(parseTarget(read(name), originOf(name)))).toBe(false);
  });

  test('the full one shows every key, and the defaults of the policy as they are', () => {
    const target = targetFrom(read('full.yaml'));
    // No word says that there is no planned restart.
    const memory = { restartAbove: 0.9, when: 'quiet' };
    expect(target.policy).toEqual({ ...DEFAULT_POLICY, mode: 'remediate', memory });
    for (const { key } of POLICY_DOCS) expect(read('full.yaml')).toContain(`  ${key}: `);
    const names = parseChannelFile(read('channels.yaml'), originOf('channels.yaml')).channels.map(
      (c) => c.name,
    );
    expect(target.channels).toEqual(names);
  });
});

describe('the JSON Schema', () => {
  const files = [
    { file: new URL('../target.schema.json', EXAMPLES), schema: targetJsonSchema() },
    { file: new URL('channels.schema.json', EXAMPLES), schema: channelsJsonSchema() },
    { file: new URL('../output.schema.json', EXAMPLES), schema: outputJsonSchema() },
  ];

  test.each(files)('$file is the print of the schema in the code', ({ file, schema }) => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test.each(files)('$file has a name of its own, which no move of the file changes', ({ schema }) => {
    expect(schema.$id).toMatch(/^urn:scheduler-watchdog:schema:[a-z]+$/);
  });

  test('describes every key of a document', () => {
    const bare: string[] = [];
    const walk = (schema: Record<string, unknown>, path: string): void => {
      for (const [key, inner] of Object.entries(
        (schema.properties ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        if (typeof inner.description !== 'string' || inner.description === '') bare.push(`${path}.${key}`);
        walk(inner, `${path}.${key}`);
      }
      for (const inner of [
        schema.items,
        schema.additionalProperties,
        ...((schema.anyOf ?? schema.oneOf ?? []) as unknown[]),
      ]) {
        if (typeof inner === 'object' && inner !== null) walk(inner as Record<string, unknown>, path);
      }
    };
    for (const { schema } of files.slice(0, 2)) walk(schema, '');
    expect(bare).toEqual([]);
  });
});
