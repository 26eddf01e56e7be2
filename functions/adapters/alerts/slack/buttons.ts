import type { ActionsBlock, Button as SlackButton } from '@slack/types';
import { actionOf, type Button, valueOfButton } from '../../../core/chat-button.ts';
import type { Notification } from '../../../core/notification.ts';
import { cut } from '../text.ts';

/** Of a confirmation: docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object. */
const CONFIRM_CHARS = 300;

/** What a person can do about an open incident of a target, below the message; null where there is nothing. */
export function buttonsOf(notification: Notification): ActionsBlock | null {
  const { kind, target, page, about, awaits, acknowledgedBy } = notification;
  // Of the fleet as a whole, of a rehearsal and of what is over nothing can be paused or taken up.
  if (kind === 'resolved' || kind === 'note' || about.namespace === null) return null;
  const elements = [
    ...(awaits == null
      ? []
      : [approval({ kind: 'approve', target, uid: awaits.uid }, `${awaits.pod} (uid ${awaits.uid})`)]),
    ...(acknowledgedBy === undefined ? [button({ kind: 'acknowledge', target, page }, 'Acknowledge')] : []),
    button({ kind: 'pause', target }, 'Pause 1 h'),
  ];
  return { type: 'actions', elements };
}

function approval(approve: Button, pod: string): SlackButton {
  return {
    ...button(approve, 'Approve removal'),
    style: 'danger',
    confirm: {
      title: plain('Remove this pod?'),
      text: plain(
        cut(`${pod} may then be removed once, within 15 minutes, if every guard agrees.`, CONFIRM_CHARS),
      ),
      confirm: plain('Approve'),
      deny: plain('Cancel'),
    },
  };
}

function button(pressed: Button, text: string): SlackButton {
  return { type: 'button', action_id: actionOf(pressed), value: valueOfButton(pressed), text: plain(text) };
}

const plain = (text: string) => ({ type: 'plain_text' as const, text });
