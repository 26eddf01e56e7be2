interface ErrorClass {
  readonly kind: 'later' | 'unknown' | 'lost' | 'payload' | 'refused';
  /** What it means for a person, after "Slack says NAME; ". */
  readonly says: string;
  /** A new token in the secret would mend it. */
  readonly credentials: boolean;
}

const all = (names: string, kind: ErrorClass['kind'], says: string, credentials = false) =>
  names.split(' ').map((name): [string, ErrorClass] => [name, { kind, says, credentials }]);

/** Slack's names for what went wrong, by what follows from them (docs.slack.dev/reference/methods/chat.postMessage and chat.update). */
const CLASSES = new Map<string, ErrorClass>([
  ...all('ratelimited rate_limited message_limit_exceeded', 'later', 'it asks to slow down'),
  ...all(
    'service_unavailable request_timeout team_added_to_org external_channel_migrating update_failed',
    'later',
    'it is tried again',
  ),
  // "Some aspect of the operation may have succeeded."
  ...all('internal_error fatal_error', 'unknown', 'whether it took the message is not known'),
  ...all(
    'invalid_auth not_authed account_inactive token_revoked token_expired not_allowed_token_type org_login_required access_denied accesslimited',
    'refused',
    'put a valid bot token into the secret',
    true,
  ),
  ...all(
    'missing_scope no_permission team_access_not_granted ekm_access_denied',
    'refused',
    'the app needs the scope chat:write and access to the channel',
    true,
  ),
  ...all('not_in_channel', 'refused', 'invite the app to the channel'),
  ...all('is_archived', 'refused', 'unarchive the channel, or name another one'),
  ...all('channel_not_found', 'refused', "correct the channel's ID, or invite the app"),
  ...all(
    'restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel restricted_action_thread_locked messages_tab_disabled',
    'refused',
    'an administrator forbids posting there',
  ),
  ...all(
    'message_not_found cant_update_message edit_window_closed is_inactive block_mismatch streaming_state_conflict cannot_reply_to_message cant_broadcast_message thread_not_found',
    'lost',
    'the message of this incident is gone, a new one takes its place',
  ),
  ...all(
    'invalid_blocks invalid_blocks_format invalid_attachments msg_blocks_too_long msg_too_long attachment_payload_limit_exceeded too_many_attachments no_text metadata_too_large invalid_metadata_format invalid_metadata_schema markdown_text_conflict invalid_arguments',
    'payload',
    'it does not take the message; this is a defect of the watchdog, please report it',
  ),
]);

const UNKNOWN: ErrorClass = { kind: 'later', says: 'it is tried again', credentials: false };

export function classOf(name: string): ErrorClass {
  return CLASSES.get(name) ?? UNKNOWN;
}
