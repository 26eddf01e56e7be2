import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type Scalar, type YAMLSeq } from 'yaml';
import type { Template } from './stack.ts';

/** A template of YAML with CloudFormation's short forms. */
export function readTemplate(path: string): Template {
  const text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  const long = (name: string) => (name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`);
  const scalars = ['Ref', 'Sub', 'Condition'].map((name) => ({
    tag: `!${name}`,
    resolve: (value: string) => ({ [long(name)]: value }),
  }));
  const getAtt = { tag: '!GetAtt', resolve: (value: string) => ({ 'Fn::GetAtt': value.split('.') }) };
  const lists = ['If', 'Equals', 'Not', 'And', 'Or', 'Join', 'Split'].map((name) => ({
    tag: `!${name}`,
    collection: 'seq' as const,
    resolve: (items: unknown) => ({ [long(name)]: (items as YAMLSeq<Scalar>).toJSON() }) as never,
  }));
  return parse(text, { customTags: [...scalars, getAtt, ...lists] }) as Template;
}
