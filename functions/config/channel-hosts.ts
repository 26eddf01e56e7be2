import { formOf } from './channel-schema.ts';

/** A host, or one port of it. */
export const HOST = /^(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/;

/** The hosts that a channel of this type may talk to: the vendor's, and those that the operator added. */
export function hostsOf(type: string, more: readonly string[]): readonly string[] {
  return [...(formOf(type)?.hosts ?? []), ...more];
}

/** Kinds whose service stands wherever the operator has put it: no host is known beforehand. */
export function isOwnService(type: string): boolean {
  return formOf(type)?.isSelfHosted ?? false;
}

/** `proxy.example.com` allows every port of it, `proxy.example.com:8443` that one, `*.example.com` every host below. */
export function isAllowedHost(url: Pick<URL, 'host' | 'hostname'>, hosts: readonly string[]): boolean {
  return hosts.some((host) => host === url.host || host === url.hostname || isBelow(url.hostname, host));
}

/** At the beginning `*` is any number of labels, elsewhere one. */
function isBelow(hostname: string, pattern: string): boolean {
  if (!pattern.includes('*')) return false;
  const form = pattern
    .replaceAll('.', String.raw`\.`)
    .replace(/^\*/, '[a-z0-9.-]*[a-z0-9]')
    .replace(/\*/g, '[a-z0-9-]+');
  return new RegExp(`^${form}$`).test(hostname);
}
