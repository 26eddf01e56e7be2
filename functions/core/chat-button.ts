/** What a button in a chat asks for. It names the pod by uid: a message may be old, and a successor may have the same name. */
export type Button =
  | { readonly kind: 'pause'; readonly target: string }
  | { readonly kind: 'approve'; readonly target: string; readonly uid: string };

const ACTION = /^watchdog_(pause|approve)$/;
/** Of target documents; the other documents of a state have keys that begin otherwise. */
const TARGET = /^[a-z0-9][a-z0-9-]{0,62}$/;
const UID = /^[A-Za-z0-9-]{1,100}$/;

export const actionOf = ({ kind }: Button): string => `watchdog_${kind}`;

export function valueOfButton(button: Button): string {
  return button.kind === 'approve' ? `${button.target} ${button.uid}` : button.target;
}

/** What came back when somebody pressed it; null when it is none of ours. */
export function readButton(action: unknown, value: unknown): Button | null {
  if (typeof action !== 'string' || typeof value !== 'string') return null;
  const kind = ACTION.exec(action)?.[1];
  const [target = '', uid = '', ...more] = value.split(' ');
  if (kind === undefined || !TARGET.test(target) || more.length > 0) return null;
  if (kind === 'pause') return uid === '' ? { kind, target } : null;
  return UID.test(uid) ? { kind: 'approve', target, uid } : null;
}
