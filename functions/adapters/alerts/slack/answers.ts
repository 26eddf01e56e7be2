/** What Slack's names for a refusal mean for a person (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 *  and names seen in the field). `credentials`: a new webhook in the secret would mend it. */
const MEANINGS: Readonly<Record<string, { readonly says: string; readonly credentials?: true }>> = {
  no_service: {
    says: 'the webhook was removed (no_service); create a new one and update the secret',
    credentials: true,
  },
  no_service_id: {
    says: 'the webhook does not exist (no_service_id); create a new one and update the secret',
    credentials: true,
  },
  no_active_hooks: {
    says: 'the webhook was disabled (no_active_hooks); enable it or create a new one and update the secret',
    credentials: true,
  },
  no_team: {
    says: 'the webhook names no known workspace (no_team); correct the secret',
    credentials: true,
  },
  invalid_token: {
    says: 'the webhook was revoked (invalid_token); create a new one and update the secret',
    credentials: true,
  },
  team_disabled: { says: 'the workspace is disabled (team_disabled); use a webhook of another one' },
  channel_not_found: {
    says: 'the channel of the webhook is gone (channel_not_found); create a webhook for another channel',
    credentials: true,
  },
  channel_is_archived: {
    says: 'the channel of the webhook is archived (channel_is_archived); unarchive it or create a webhook for another channel',
    credentials: true,
  },
  user_not_found: {
    says: 'the person the webhook writes to is gone (user_not_found); create a new webhook',
    credentials: true,
  },
  action_prohibited: {
    says: 'an administrator of the workspace forbids this webhook to post (action_prohibited); ask them',
    credentials: true,
  },
  posting_to_general_channel_denied: {
    says: 'this webhook may not post to the general channel (posting_to_general_channel_denied); use another channel',
    credentials: true,
  },
};

export interface SlackRefusal {
  readonly detail: string;
  readonly credentials: boolean;
  /** Slack could not use what we sent, so less of it may be taken. */
  readonly isPayloadFault: boolean;
}

/** Decides by Slack's name for the fault first, then by the status; `said` is the answer, redacted. */
export function slackRefusal(status: number, said: string): SlackRefusal {
  const name = /^[a-z_]+$/.test(said) ? said : '';
  const meaning = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  if (meaning !== undefined) {
    const { says, credentials = false } = meaning;
    return { detail: `Slack says ${says}`, credentials, isPayloadFault: false };
  }
  const answer = said === '' ? `${status}` : `${status}, ${said}`;
  if (status === 400 || status === 413) {
    const detail = `Slack refused the message itself (${answer}); this is a defect of the watchdog, please report it`;
    return { detail, credentials: false, isPayloadFault: true };
  }
  const detail = `Slack refused the message (${answer}); check the webhook in the secret`;
  return { detail, credentials: status === 401 || status === 403 || status === 404, isPayloadFault: false };
}
