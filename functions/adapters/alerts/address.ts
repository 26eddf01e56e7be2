/** `<endpoint><path of the address>`: a proxy forwards to the same path. */
export function addressOf(given: string, endpoint: string | null) {
  const own = new URL(given);
  const path = `${own.pathname}${own.search}`;
  const url = endpoint === null ? own.href : `${endpoint.replace(/\/+$/, '')}${path}`;
  // Longest first, so that a page that echoes the path does not keep half of it.
  const parts = [given, own.href, url, path, own.search.slice(1), ...own.searchParams.values()];
  const last = own.pathname.split('/').at(-1) ?? '';
  const secrets = [...parts, last].filter((part) => part.length >= 8);
  return { url, secrets: secrets.toSorted((a, b) => b.length - a.length) };
}
