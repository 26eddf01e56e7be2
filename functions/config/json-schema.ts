import * as z from 'zod';
import { CHANNEL_FORMS } from './channels/kinds.ts';
import { map, NAME, NAME_FORM, text } from './form.ts';
import { OUTPUT_LINES } from './output-schema.ts';
import { targetSchema } from './schema.ts';

/** A name and no address: there is no site of ours that everybody reaches. */
const idOf = (what: string) => `urn:scheduler-watchdog:schema:${what}`;

/** The JSON Schema that editors complete and check target documents with; `docs/target.schema.json` is its print. */
export function targetJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(targetSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    $id: idOf('target'),
    ...schema,
    title: 'Target of scheduler-watchdog',
    // Rules between keys, which zod cannot print; rules.ts holds the same ones.
    anyOf: [{ required: ['health'] }, { required: ['database'] }],
  };
}

/** The same for channels.yaml; only for editors, `parse-channels.ts` judges each channel by itself. */
export function channelsJsonSchema(): Record<string, unknown> {
  const kinds = Object.values(CHANNEL_FORMS).map(({ schema }) => schema);
  const file = map(
    {
      $schema: z.string().optional().describe('For editors; ignored.'),
      channels: z.record(text(NAME, NAME_FORM), z.union(kinds)).describe('The channels by name.'),
    },
    'a map with channels',
  );
  const schema = z.toJSONSchema(file, { target: 'draft-2020-12', io: 'input' });
  return { $id: idOf('channels'), ...schema, title: 'Channels of scheduler-watchdog' };
}

/** What `--json` prints: a definition for each command, `line-of-…`, and those that they share. */
export function outputJsonSchema(): Record<string, unknown> {
  const { $schema, $defs } = z.toJSONSchema(z.strictObject(OUTPUT_LINES), {
    target: 'draft-2020-12',
    io: 'output',
    override: ({ jsonSchema }) => {
      // Open, where the schema in the code is strict: later versions may add keys.
      delete jsonSchema.additionalProperties;
      delete jsonSchema.id;
    },
  });
  return {
    $schema,
    $id: idOf('output'),
    title: 'Lines that scheduler-watchdog prints with --json',
    description: 'Keys may be added; those that are here keep their name and meaning.',
    anyOf: Object.keys(OUTPUT_LINES).map((name) => ({ $ref: `#/$defs/line-of-${name}` })),
    $defs,
  };
}
