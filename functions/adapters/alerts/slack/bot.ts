import { isWorse } from '../../../core/condition.ts';
import type { Notification } from '../../../core/notification.ts';
import type { ChannelDelivery, ChannelSender } from '../sender.ts';
import { barMessage, plainSlackMessage } from './blocks.ts';
import { botApi, type Found, type Said, type SlackBotOptions } from './bot-api.ts';
import { type BotMemo, memoFrom, memoText } from './bot-memo.ts';
import { buttonsOf } from './buttons.ts';

/** Keeps one message per incident up to date; what changed is told in its thread, so that nothing that was said is lost. */
export function slackBot(options: SlackBotOptions): ChannelSender {
  const api = botApi(options);
  const asks = (notification: Notification) => (options.buttons ? buttonsOf(notification) : null);
  return {
    async send(notification, memo) {
      const known = graver(memoFrom(memo), notification);
      if (notification.kind === 'note') return (await post(notification, known, null)).delivery;
      if (known.ts !== null) return goOn(notification, known);
      const root = await found(notification.incident, notification, known);
      if (root.kind === 'unseen') return { ...root.delivery, memo: memoText(known) };
      if (root.kind === 'none') return open(notification, known);
      // It arrived, though nobody said so: what it says is told.
      return goOn(notification, { ...known, ts: root.ts, said: notification.id, maybe: null });
    },
  };

  /** The first message of the incident, or the one that goes on where the first is gone. */
  async function open(notification: Notification, known: BotMemo): Promise<ChannelDelivery> {
    const { delivery, ts } = await post(notification, known, null);
    if (delivery.kind !== 'delivered') return delivery;
    return { kind: 'delivered', memo: memoText({ ...known, ts, said: notification.id, maybe: null }) };
  }

  async function goOn(notification: Notification, known: BotMemo): Promise<ChannelDelivery> {
    const { ts } = known;
    // It opened this very message, or was told in the thread already.
    if (known.said === notification.id) return { kind: 'delivered', memo: memoText(known) };
    const edited = await edit(notification, known, ts ?? '');
    if (edited.isLost) return open(notification, { ...known, ts: null });
    if (edited.delivery.kind !== 'delivered') return { ...edited.delivery, memo: memoText(known) };
    const reply = await found(notification.id, notification, known);
    if (reply.kind === 'unseen') return { ...reply.delivery, memo: memoText(known) };
    if (reply.kind === 'there') return told(notification, known);
    return tell(notification, known, ts);
  }

  async function tell(
    notification: Notification,
    known: BotMemo,
    ts: string | null,
  ): Promise<ChannelDelivery> {
    const reply = await post(notification, known, ts);
    if (reply.isLost) return open(notification, { ...known, ts: null });
    return reply.delivery.kind === 'delivered' ? told(notification, known) : reply.delivery;
  }

  function told({ id }: Notification, known: BotMemo): ChannelDelivery {
    return { kind: 'delivered', memo: memoText({ ...known, said: id, maybe: null }) };
  }

  async function edit(notification: Notification, { worst }: BotMemo, ts: string) {
    const said = await api.update({
      ts,
      ...barMessage(notification, worst ?? undefined, asks(notification)),
    });
    if (said.kind !== 'payload') return outcome(said);
    return outcome(await api.update({ ts, ...plainSlackMessage(notification), attachments: [] }));
  }

  async function post(notification: Notification, known: BotMemo, thread: string | null) {
    const key = thread === null ? notification.incident : notification.id;
    const frame = {
      metadata: { event_type: 'scheduler_watchdog', event_payload: { key } },
      ...(thread !== null && { thread_ts: thread, ...(isLoud(notification) && { reply_broadcast: true }) }),
    };
    // The message that is kept up to date has them, and loses them in time; a reply would keep them for ever.
    const buttons = thread === null ? asks(notification) : null;
    const said = await api.post({ ...barMessage(notification, undefined, buttons), ...frame });
    const last =
      said.kind === 'payload' ? await api.post({ ...plainSlackMessage(notification), ...frame }) : said;
    const { delivery, isLost } = outcome(last);
    const isUnknown = last.kind === 'unknown';
    return {
      isLost,
      ts: last.kind === 'done' ? last.ts : null,
      delivery: {
        ...delivery,
        ...(notification.kind !== 'note' && {
          memo: memoText({ ...known, ...(isUnknown && { maybe: key }) }),
        }),
      },
    };
  }

  /** What was sent with an unknown outcome, if it arrived. */
  async function found(key: string, { at }: Notification, { maybe, ts }: BotMemo): Promise<Found> {
    return maybe === key ? api.find(key, at, ts) : { kind: 'none' };
  }
}

function graver(memo: BotMemo, { severity }: Notification): BotMemo {
  return memo.worst !== null && !isWorse(severity, memo.worst) ? memo : { ...memo, worst: severity };
}

/** A thread is read by who looks; what is graver than before, and what is still open, is shown in the channel, too. */
function isLoud({ kind, occasion }: Notification): boolean {
  return kind === 'escalated' || occasion === 'reminder';
}

function outcome(said: Said): { readonly delivery: ChannelDelivery; readonly isLost: boolean } {
  if (said.kind === 'done') return { delivery: { kind: 'delivered' }, isLost: false };
  return { delivery: said.delivery, isLost: said.kind === 'lost' };
}
