import type { TeamsSettings } from '../../../config/channels/teams.ts';
import { addressOf } from '../address.ts';
import { isPage, type Posted, postJson, RETRY_MS } from '../post.ts';
import type { ChannelDelivery, CreateSender } from '../sender.ts';
import { teamsMessage } from './card.ts';

/** Sends an Adaptive Card to a workflow. A workflow cannot edit, so every change of an incident is a card of its own, and
 *  it knows no key: a lost answer may mean a card twice. */
export const createSender: CreateSender<TeamsSettings> = (settings, { request }) => {
  const { url, secrets } = addressOf(settings.webhook, settings.endpoint ?? null);
  return {
    async send(notification) {
      const full = await attempt(JSON.stringify(teamsMessage(notification, 'full')));
      return full === 'too-large'
        ? shortest(await attempt(JSON.stringify(teamsMessage(notification, 'short'))))
        : full;
    },
  };

  async function attempt(body: string): Promise<ChannelDelivery | 'too-large'> {
    return settle(await postJson(body, { request, service: 'Teams', url, secrets }));
  }
};

function settle(posted: Posted): ChannelDelivery | 'too-large' {
  if (posted.kind === 'unsettled') return posted.delivery;
  const { status, said } = posted;
  // 202: the workflow was started. Old connectors said 200 and hid a refusal in the text.
  if ((status === 202 && !isPage(posted.body)) || (status === 200 && /^1?$/.test(said)))
    return { kind: 'delivered' };
  if (status < 300)
    return {
      kind: 'later',
      afterMs: RETRY_MS,
      detail: `What answered (${status}) did not start the workflow (202); a proxy may be in the way`,
    };
  if (status === 413) return 'too-large';
  const answer = said === '' ? `${status}` : `${status}, ${said}`;
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return {
      kind: 'refused',
      detail: `Teams knows no such workflow (${answer}); put the URL of a workflow that is on into the secret`,
      credentials: true,
    };
  if (status === 400)
    return {
      kind: 'refused',
      detail: `Teams refused the card (${answer}); this is a defect of the watchdog, please report it`,
    };
  return { kind: 'refused', detail: `Teams refused the card (${answer}); check the webhook` };
}

function shortest(delivery: ChannelDelivery | 'too-large'): ChannelDelivery {
  if (delivery !== 'too-large') return delivery;
  return { kind: 'refused', detail: 'Teams refused the card as too large, even without most of its details' };
}
