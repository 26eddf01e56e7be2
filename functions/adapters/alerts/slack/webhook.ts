import { postJson, RETRY_MS, type Request } from '../post.ts';
import type { ChannelDelivery, ChannelSender } from '../sender.ts';
import { slackRefusal } from './answers.ts';
import { plainSlackMessage, type SlackMessage, slackMessage } from './blocks.ts';

interface SlackWebhookOptions {
  /** The incoming webhook's URL. All of it is secret. */
  readonly webhook: string;
  /** Origin, or origin and path prefix, that stands in for https://hooks.slack.com; null takes the webhook's own. */
  readonly endpoint: string | null;
  readonly request: Request;
}

/** Sends through an incoming webhook. It cannot edit, so every change of an incident is a message of its own, and a
 *  lost answer may mean a message twice: Slack knows no key to tell it by. */
export function slackWebhook({ webhook, endpoint, request }: SlackWebhookOptions): ChannelSender {
  const address = addressOf(webhook, endpoint);
  return {
    async send(notification) {
      if (address === null) return unusable();
      const first = await attempt(slackMessage(notification));
      if (!first.isPayloadFault) return first.delivery;
      // An alert without its layout is better than none.
      return (await attempt(plainSlackMessage(notification))).delivery;
    },
  };

  async function attempt(
    message: SlackMessage,
  ): Promise<{ delivery: ChannelDelivery; isPayloadFault: boolean }> {
    const url = address?.url ?? '';
    const secrets = address?.secrets ?? [];
    const posted = await postJson(JSON.stringify(message), { request, service: 'Slack', url, secrets });
    if (posted.kind === 'unsettled') return { delivery: posted.delivery, isPayloadFault: false };
    const { status, said } = posted;
    if (status >= 200 && status < 300) {
      const isTaken = status === 200 && said === 'ok';
      return { delivery: isTaken ? { kind: 'delivered' } : unclear(status), isPayloadFault: false };
    }
    const { detail, credentials, isPayloadFault } = slackRefusal(status, said);
    return {
      delivery: { kind: 'refused', detail, ...(credentials && { credentials }) },
      isPayloadFault,
    };
  }
}

/** `<endpoint><path of the webhook>`: a proxy forwards to the same path. */
function addressOf(webhook: string, endpoint: string | null) {
  const own = URL.parse(webhook.trim());
  if (own === null || !/^https?:$/.test(own.protocol)) return null;
  const path = `${own.pathname}${own.search}`;
  const url = endpoint === null ? own.href : `${endpoint.replace(/\/+$/, '')}${path}`;
  // Longest first, so that a page that echoes the path does not keep half of it.
  const secrets = [webhook.trim(), own.href, url, path, own.pathname.split('/').at(-1) ?? ''];
  return { url, secrets };
}

function unusable(): ChannelDelivery {
  const detail =
    'The secret of this Slack channel holds no web address; put the URL of an incoming webhook there';
  return { kind: 'later', afterMs: RETRY_MS, detail, credentials: true };
}

/** Something between us and Slack spoke; whether Slack took the message is not known. */
function unclear(status: number): ChannelDelivery {
  const detail = `What answered (${status}) did not say "ok" as Slack does; a proxy may be in the way`;
  return { kind: 'later', afterMs: RETRY_MS, detail };
}
