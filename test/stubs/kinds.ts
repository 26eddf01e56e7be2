import type { ChannelKind } from '../../functions/config/channels/kinds.ts';
import { startAlertmanagerStub } from './alertmanager.ts';
import type { ChannelStub } from './channel-stub.ts';
import { startEmailStub } from './email.ts';
import { startEventBridgeStub } from './eventbridge.ts';
import { startPagerDutyStub } from './pagerduty.ts';
import { startSlackStub } from './slack.ts';
import { startSlackBotStub } from './slack-bot.ts';
import { startSnsStub } from './sns.ts';
import { startTeamsStub } from './teams.ts';
import { startWebhookStub } from './webhook.ts';

/** The services of every kind of channel; a kind that can be used in two ways has two. */
export const CHANNEL_STUBS: Readonly<Record<ChannelKind, readonly (() => Promise<ChannelStub>)[]>> = {
  slack: [slackWebhook, startSlackBotStub],
  pagerduty: [pagerDuty],
  teams: [startTeamsStub],
  email: [startEmailStub],
  sns: [startSnsStub],
  eventbridge: [startEventBridgeStub],
  alertmanager: [startAlertmanagerStub],
  webhook: [startWebhookStub],
};

async function slackWebhook(): Promise<ChannelStub> {
  const stub = await startSlackStub({ disableAbove: Number.POSITIVE_INFINITY });
  const accepted: string[] = [];
  return {
    settings: { webhook: stub.webhookUrl },
    endpoint: null,
    secret: stub.webhookUrl.split('/').at(-1) ?? '',
    get accepted() {
      for (const { body } of stub.messages.slice(accepted.length)) accepted.push(JSON.stringify(body));
      return accepted;
    },
    requests: stub.requests,
    fail: stub.fail,
    close: stub.close,
  };
}

async function pagerDuty(): Promise<ChannelStub> {
  const stub = await startPagerDutyStub({ callsPerMinute: Number.POSITIVE_INFINITY });
  const accepted: string[] = [];
  const seen = new Set<string>();
  let read = { events: 0, changes: 0 };
  return {
    settings: { routingKey: stub.routingKey },
    endpoint: stub.endpoint,
    secret: stub.routingKey,
    get accepted() {
      for (const event of [...stub.events.slice(read.events), ...stub.changes.slice(read.changes)]) {
        const text = JSON.stringify(event);
        // The same event under its dedup key is appended to the alert that is there: nobody sees it twice.
        if (!seen.has(text)) accepted.push(text);
        if ('dedup_key' in Object(event)) seen.add(text);
      }
      read = { events: stub.events.length, changes: stub.changes.length };
      return accepted;
    },
    requests: stub.requests,
    fail: stub.fail,
    close: stub.close,
  };
}
