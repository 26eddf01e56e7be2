import * as z from 'zod';
import { channelFileSchema } from './channel-schema.ts';
import { targetSchema } from './schema.ts';

/** The JSON Schema that editors complete and check target documents with; `docs/target.schema.json` is its print. */
export function targetJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(targetSchema, { target: 'draft-2020-12', io: 'input' });
  return {
    ...schema,
    title: 'Target of scheduler-watchdog',
    // Rules between keys, which zod cannot print; rules.ts holds the same ones.
    anyOf: [{ required: ['health'] }, { required: ['database'] }],
  };
}

/** The same for channels.yaml. */
export function channelsJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(channelFileSchema, { target: 'draft-2020-12', io: 'input' });
  return { ...schema, title: 'Channels of scheduler-watchdog' };
}
