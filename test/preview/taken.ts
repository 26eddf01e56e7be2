import type { ChannelKind } from '../../functions/config/channels/kinds.ts';
import type { Notification } from '../../functions/core/notification.ts';
import { rigOf } from '../adapters/alerts/rig.ts';
import type { ChannelStub } from '../stubs/channel-stub.ts';
import { startEmailStub } from '../stubs/email.ts';
import { CHANNEL_STUBS } from '../stubs/kinds.ts';
import { type BotMessage, startSlackBotStub } from '../stubs/slack-bot.ts';

/** What stands in Slack after one more notification. */
export interface SlackView {
  /** Every message of the channel, as it is by now. */
  readonly roots: readonly BotMessage[];
  readonly replies: readonly BotMessage[];
}

export interface Taken {
  readonly notification: Notification;
  readonly slack: SlackView;
  /** Bodies that PagerDuty took for it. */
  readonly pagerDuty: readonly unknown[];
  /** The mail, as it crossed the wire. */
  readonly mail: string;
}

/** Puts messages through the real senders, and gives back what services that enforce their vendors' rules have taken. */
export async function takenBy(told: readonly Notification[]): Promise<readonly Taken[]> {
  const slack = await startSlackBotStub();
  const [startPagerDuty] = CHANNEL_STUBS.pagerduty;
  if (startPagerDuty === undefined) throw new Error('there is no stub of PagerDuty');
  const pagerDuty = await startPagerDuty();
  const email = await startEmailStub();
  const lanes = [laneOf('slack', slack), laneOf('pagerduty', pagerDuty), laneOf('email', email)];
  const taken: Taken[] = [];
  try {
    for (const notification of told) {
      const before = { events: pagerDuty.accepted.length, mails: email.mails.length };
      for (const lane of lanes) await lane.send(notification);
      taken.push({
        notification,
        slack: {
          roots: slack.messages.filter(({ thread }) => thread === null),
          replies: slack.messages.filter(({ thread }) => thread !== null),
        },
        pagerDuty: pagerDuty.accepted.slice(before.events).map((text) => JSON.parse(text)),
        mail: email.mails.slice(before.mails).join('\n'),
      });
    }
    return taken;
  } finally {
    await Promise.all([...lanes, slack, pagerDuty, email].map((one) => one.close()));
  }
}

function laneOf(type: ChannelKind, stub: ChannelStub) {
  const { notifier, close } = rigOf(type, stub, { buttons: true, deadlineMs: 60_000 });
  const memos = new Map<string, string | null>();
  return {
    close,
    async send(notification: Notification): Promise<void> {
      const memo = memos.get(notification.incident) ?? null;
      const delivery = await notifier.send(notification, memo);
      if (delivery.kind !== 'delivered')
        throw new Error(`${type} did not take "${notification.title}": ${delivery.detail}`);
      memos.set(notification.incident, delivery.memo ?? memo);
    },
  };
}
