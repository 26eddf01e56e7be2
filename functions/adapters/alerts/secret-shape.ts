import { isLoopback, type SecretShape } from '../../config/channel-form.ts';

/** Why a secret cannot be what its channel needs; null where it can. A reference that names another secret, a database's
 *  URL say, must not carry it to a third party. The words never show the value. */
export function misfitOf(
  shape: SecretShape,
  secret: string,
  mayCall: (url: URL) => boolean,
  hosts: string,
): string | null {
  const value = secret.trim();
  if (value === '') return 'it is empty';
  const url = shape.address === undefined ? null : URL.parse(value);
  if (shape.address === undefined || url === null)
    return shape.fits(value) ? null : `it is no ${shape.expected}`;
  const { safe, plain } = shape.address;
  if (plain.includes(url.protocol) && !safe.includes(url.protocol) && !isLoopback(url))
    return `it is an address over ${url.protocol.slice(0, -1)}: expected ${safe.join(' or ').replaceAll(':', '')}`;
  if (!safe.includes(url.protocol) && !plain.includes(url.protocol)) return `it is no ${shape.expected}`;
  if (!mayCall(url))
    return `it is an address on a host that channels may not call: expected ${hosts === '' ? '' : `${hosts}, or `}a host that WATCHDOG_CHANNEL_HOSTS names`;
  return shape.fits(value) ? null : `it is no ${shape.expected}`;
}
