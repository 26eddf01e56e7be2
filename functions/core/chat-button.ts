/**
 * What a button in a chat asks for. It names the pod by uid, and what is taken up by its page: a message may be old, a successor may have
 * the same name, and what was a warning may have grown critical since.
 */
export type Button =
  | { readonly kind: 'pause'; readonly target: string }
  | { readonly kind: 'acknowledge'; readonly target: string; readonly page: string }
  | { readonly kind: 'approve'; readonly target: string; readonly uid: string };

const ACTION = /^watchdog_(pause|acknowledge|approve)$/;
/** Of target documents; the other documents of a state have keys that begin otherwise. */
const TARGET = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Of a pod, or of a page. */
const OF_WHAT = /^[A-Za-z0-9-]{1,150}$/;

export const actionOf = ({ kind }: Button): string => `watchdog_${kind}`;

export function valueOfButton(button: Button): string {
  switch (button.kind) {
    case 'pause':
      return button.target;
    case 'acknowledge':
      return `${button.target} ${button.page}`;
    case 'approve':
      return `${button.target} ${button.uid}`;
  }
}

/** What came back when somebody pressed it; null when it is none of ours. */
export function readButton(action: unknown, value: unknown): Button | null {
  if (typeof action !== 'string' || typeof value !== 'string') return null;
  const kind = ACTION.exec(action)?.[1];
  const [target = '', what = '', ...more] = value.split(' ');
  if (kind === undefined || !TARGET.test(target) || more.length > 0) return null;
  if (kind === 'pause') return what === '' ? { kind, target } : null;
  if (!OF_WHAT.test(what)) return null;
  return kind === 'approve' ? { kind, target, uid: what } : { kind: 'acknowledge', target, page: what };
}
