import * as z from 'zod';
import type { ChannelForm } from './channel-form.ts';
import { CHANNEL_FORMS, type ChannelKind } from './channels/kinds.ts';
import { map, NAME, NAME_FORM, text } from './form.ts';

export const CHANNEL_TYPES = Object.keys(CHANNEL_FORMS) as ChannelKind[];

/** What is known of a type; null where no channel has it. */
export function formOf(type: unknown): ChannelForm | null {
  return typeof type === 'string' && Object.hasOwn(CHANNEL_FORMS, type)
    ? CHANNEL_FORMS[type as ChannelKind]
    : null;
}

/** The form of channels.yaml; only for editors, `parse-channels.ts` judges each channel by itself. */
export const channelFileSchema = map(
  {
    $schema: z.string().optional().describe('For editors; ignored.'),
    channels: z
      .record(text(NAME, NAME_FORM), z.union(Object.values(CHANNEL_FORMS).map(({ schema }) => schema)))
      .describe('The channels by name.'),
  },
  'a map with channels',
);
