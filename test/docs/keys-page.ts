import { channelsJsonSchema, targetJsonSchema } from '../../functions/config/json-schema.ts';

/** The part of JSON Schema that the schemas of documents use. */
interface Schema {
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

type Row = readonly [key: string, value: string, needed: string, meaning: string];
type Table = (head: readonly string[], rows: readonly Row[]) => readonly string[];

const HEAD = ['key', 'value', 'needed', 'meaning'];
const code = (text: string) => `\`${text}\``;

/** Every key of a target document; those of `policy` have a table of their own, with numbers and sources. */
export function targetKeys(table: Table): readonly string[] {
  const schema = targetJsonSchema() as Schema;
  const { policy = {} } = schema.properties ?? {};
  return table(HEAD, [
    ...rowsOf(schema, '', ['policy']),
    ['`policy`', 'map', '', policy.description ?? ''],
    ...rowsOf(policy.properties?.budget ?? {}, 'policy.budget.'),
    ...rowsOf(policy.properties?.memory ?? {}, 'policy.memory.'),
  ]);
}

/** Every key of channels.yaml: those that all kinds of channels have, then those of each kind. */
export function channelKeys(table: Table): readonly string[] {
  const { additionalProperties: one } = (channelsJsonSchema() as Schema).properties?.channels ?? {};
  const kinds = typeof one === 'object' ? (one.anyOf ?? []) : [];
  const [first = {}] = kinds;
  const keysOf = ({ properties = {} }: Schema) => Object.keys(properties);
  const shared = keysOf(first).filter(
    (key) => key !== 'endpoint' && key !== 'type' && kinds.every((kind) => keysOf(kind).includes(key)),
  );
  const types = kinds.map(({ properties }) => properties?.type?.const ?? '');
  return [
    ...table(HEAD, [
      ['`channels`', 'map', 'yes', 'The channels by name.'],
      ['`channels.NAME.type`', types.join(', '), 'yes', 'What kind of channel it is.'],
      ...rowsOf(
        first,
        'channels.NAME.',
        keysOf(first).filter((key) => !shared.includes(key)),
      ),
    ]),
    ...kinds.flatMap((kind, at) => [
      '',
      `### \`type: ${types[at]}\``,
      '',
      kind.properties?.type?.description ?? '',
      '',
      ...table(HEAD, rowsOf(kind, '', ['type', ...shared])),
    ]),
  ];
}

function rowsOf(schema: Schema, path: string, without: readonly string[] = []): readonly Row[] {
  return Object.entries(schema.properties ?? {})
    .filter(([key]) => !without.includes(key))
    .flatMap(([key, inner]): readonly Row[] => {
      const needed = schema.required?.includes(key) === true ? 'yes' : '';
      const row: Row = [code(path + key), valueIn(inner), needed, inner.description ?? ''];
      return [row, ...rowsOf(mapIn(inner), `${path}${key}.`)];
    });
}

/** Of one thing or a list of them, the thing. */
const mapIn = (schema: Schema): Schema =>
  schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;

function valueIn({ type, enum: choices, anyOf, items }: Schema): string {
  if (anyOf !== undefined) return anyOf.map(valueIn).join(' or ');
  // So many have their own page.
  if (choices !== undefined) return choices.length > 8 ? 'text' : choices.join(', ');
  if (type === 'array') return `list of ${items === undefined ? 'anything' : pluralOf(valueIn(items))}`;
  return type === 'object'
    ? 'map'
    : type === 'integer'
      ? 'whole number'
      : type === 'boolean'
        ? 'true, false'
        : 'text';
}

const pluralOf = (value: string) => (value === 'text' || value === 'map' ? `${value}s` : value);
