import { alertmanagerForm } from './alertmanager.ts';
import { emailForm } from './email.ts';
import { eventbridgeForm } from './eventbridge.ts';
import { pagerdutyForm } from './pagerduty.ts';
import { slackForm } from './slack.ts';
import { snsForm } from './sns.ts';
import { teamsForm } from './teams.ts';
import { webhookForm } from './webhook.ts';

/** Every kind of channel, in the order in which messages name them. Its senders are in `adapters/alerts/kinds.ts`. */
export const CHANNEL_FORMS = {
  slack: slackForm,
  pagerduty: pagerdutyForm,
  teams: teamsForm,
  email: emailForm,
  sns: snsForm,
  eventbridge: eventbridgeForm,
  alertmanager: alertmanagerForm,
  webhook: webhookForm,
} as const;

export type ChannelKind = keyof typeof CHANNEL_FORMS;
