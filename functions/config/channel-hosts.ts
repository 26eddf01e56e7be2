import type { Channel } from '../core/target.ts';

/** Where the services themselves take messages; whatever else is called by a channel has to be named by the operator. */
const VENDOR_HOSTS: Readonly<Record<Channel['type'], readonly string[]>> = {
  slack: ['hooks.slack.com', 'hooks.slack-gov.com', 'slack.com'],
  pagerduty: ['events.pagerduty.com', 'events.eu.pagerduty.com'],
};

/** A host, or one port of it. */
export const HOST = /^(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/;

/** The hosts that a channel of this type may talk to: the vendor's, and those that the operator added. */
export function hostsOf(type: Channel['type'], more: readonly string[]): readonly string[] {
  return [...VENDOR_HOSTS[type], ...more];
}

/** `proxy.example.com` allows every port of it, `proxy.example.com:8443` that one. */
export function isAllowedHost(url: URL, hosts: readonly string[]): boolean {
  return hosts.some((host) => host === url.host || host === url.hostname);
}
