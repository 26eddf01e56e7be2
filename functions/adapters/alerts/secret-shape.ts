import type { Channel } from '../../core/target.ts';

/** Whether a channel of this type may talk to that address's host. */
export type MayCall = (type: Channel['type'], url: URL) => boolean;

/** Why a secret cannot be what its channel needs; null where it can. A reference that names another secret, a database's
 *  URL say, must not carry it to a third party. The words never show the value. */
export function misfitOf(type: Channel['type'], secret: string, mayCall: MayCall): string | null {
  const value = secret.trim();
  if (value === '') return 'it is empty';
  if (type === 'pagerduty')
    return /^[A-Za-z0-9]{32}$/.test(value)
      ? null
      : 'it is no routing key: expected 32 letters and digits, as the integration shows them';
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'it holds no web address of a Slack webhook';
  if (url.protocol === 'http:' && !isLoopback(url)) return 'it is a webhook over http: expected https';
  if (!mayCall(type, url))
    return 'it is a webhook on a host that channels may not call: expected hooks.slack.com, or a host that WATCHDOG_CHANNEL_HOSTS names';
  if (/(^|\.)slack(-gov)?\.com$/.test(url.hostname) && !/^\/(services|workflows)\/./.test(url.pathname))
    return 'it is an address of Slack but no webhook: expected a path below /services/ or /workflows/';
  return null;
}

export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
