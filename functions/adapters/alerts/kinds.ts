import type { ChannelKind } from '../../config/channels/kinds.ts';
import type { CreateSender } from './sender.ts';

/** The senders, each loaded with the first message that needs it. */
export const SENDERS: Readonly<Record<ChannelKind, () => Promise<CreateSender<never>>>> = {
  slack: async () => (await import('./slack/sender.ts')).createSender,
  pagerduty: async () => (await import('./pagerduty/sender.ts')).createSender,
  teams: async () => (await import('./teams/sender.ts')).createSender,
  email: async () => (await import('./email/sender.ts')).createSender,
  sns: async () => (await import('./sns/sender.ts')).createSender,
  eventbridge: async () => (await import('./eventbridge/sender.ts')).createSender,
  alertmanager: async () => (await import('./alertmanager/sender.ts')).createSender,
  webhook: async () => (await import('./webhook/sender.ts')).createSender,
};
