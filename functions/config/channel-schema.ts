import type { ChannelForm } from './channel-form.ts';
import { CHANNEL_FORMS, type ChannelKind } from './channels/kinds.ts';

export const CHANNEL_TYPES = Object.keys(CHANNEL_FORMS) as ChannelKind[];

/** What is known of a type; null where no channel has it. */
export function formOf(type: unknown): ChannelForm | null {
  return typeof type === 'string' && Object.hasOwn(CHANNEL_FORMS, type)
    ? CHANNEL_FORMS[type as ChannelKind]
    : null;
}
