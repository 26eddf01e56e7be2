import { createSender as pagerDuty } from '../../../functions/adapters/alerts/pagerduty/sender.ts';
import type { Request } from '../../../functions/adapters/alerts/post.ts';
import type { ChannelSender, Means } from '../../../functions/adapters/alerts/sender.ts';
import { createSender as slack } from '../../../functions/adapters/alerts/slack/sender.ts';
import type { Notification } from '../../../functions/core/notification.ts';

/** What a sender may use when nothing but HTTP is looked at. */
export function meansOver(request: Request): Means {
  return {
    request,
    now: () => Date.UTC(2026, 10, 23, 3, 14),
    sign: async () => {
      throw new Error('there are no credentials');
    },
    mayCall: () => true,
  };
}

interface Options {
  readonly endpoint: string | null;
  readonly request: Request;
}

export const slackNotifier = ({ webhook, endpoint, request }: Options & { readonly webhook: string }) =>
  withoutMemo(slack({ type: 'slack', webhook, ...(endpoint !== null && { endpoint }) }, meansOver(request)));

export const pagerDutyNotifier = ({
  routingKey,
  endpoint,
  request,
}: Options & { readonly routingKey: string }) =>
  withoutMemo(
    pagerDuty({ type: 'pagerduty', routingKey, ...(endpoint !== null && { endpoint }) }, meansOver(request)),
  );

function withoutMemo(sender: ChannelSender) {
  return { send: (notification: Notification) => sender.send(notification, null) };
}
